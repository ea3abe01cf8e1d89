export { type BuildOptions, type BuiltVersion, buildVersion } from './buildVersion.ts';
export { clustersOf } from './clusters.ts';
export { findVersion, keepFiles, readContent } from './contents.ts';
export { VersionError } from './errors.ts';
export { type Example, exampleOf } from './examples.ts';
export { fileOf, filesOf, jsonFile, type NewFile, type ReadFile, readFileOf } from './files.ts';
export { withForeign } from './foreign.ts';
export { modelHash, runtimeHash, runtimeName, tokenizerHash } from './hashes.ts';
export { readContributions, readOnChain, type VersionOnChain } from './onChain.ts';
export {
  datasetRootOf,
  type OpenOptions,
  openVersion,
  readCard,
  readClusters,
  readGradients,
  readMoment,
  readRecord,
} from './openVersion.ts';
export {
  type Body,
  learnedOf,
  leftOf,
  type OwnedDocument,
  type OwnedRows,
  type RowOptions,
  rowsOf,
  spreadRows,
} from './rows.ts';
export { type Text, textsOf } from './texts.ts';
export type { KnownContribution, VersionData } from './versionData.ts';
export { withoutCopies } from './withoutCopies.ts';
