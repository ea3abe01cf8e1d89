export { type DrawOptions, drawLabels } from './drawLabels.ts';
export { InfluenceError } from './errors.ts';
export {
  type ExtractOptions,
  type Extractor,
  type ExtractorOptions,
  extractGradients,
  openExtractor,
} from './extract.ts';
export { hubness } from './hubness.ts';
export { momentRows } from './momentRows.ts';
export { type ProjectedGradients, projected, projectedGradients } from './projectedGradients.ts';
export {
  type ProjectedModule,
  type Projection,
  type ProjectionOptions,
  type ProjectionPart,
  planProjection,
  projectPart,
  type SideProjection,
} from './projection.ts';
export { quantise } from './quantise.ts';
export { bias, type Row } from './record.ts';
export { proveRow, type RowProof, storeRoot, verifyRow } from './root.ts';
export { openScorer, type QuantisedQuery, quantiseQuery, type Scorer, scoreRows } from './scores.ts';
export {
  type GradientRows,
  type GradientStore,
  openStore,
  parseStore,
  readStore,
  type StoreSettings,
  type StoreWriter,
} from './store.ts';
export { type Whitening, whiten } from './whitening.ts';
