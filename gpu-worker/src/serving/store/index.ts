export { type AdapterStoreOptions, createAdapterStore } from './adapterStore.ts';
export { adapterManifest } from './contentSource.ts';
export { createPlacement, type Placement, type PlacementOptions } from './placement.ts';
export { SourceError } from './source.ts';
