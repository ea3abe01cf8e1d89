export { type DeployConfig, type DeployInput, deployConfigSchema, genesisAllocation, genesisSupply } from './config.ts';
export { DeployError, type DeployOptions, deployProtocol } from './deploy.ts';
export {
  type CoreContract,
  coreContracts,
  formatManifest,
  type Manifest,
  ManifestError,
  manifestSchema,
  parseManifest,
  readManifest,
  writeManifest,
} from './manifest.ts';
