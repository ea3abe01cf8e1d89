export { InfluenceError } from './errors.ts';
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
