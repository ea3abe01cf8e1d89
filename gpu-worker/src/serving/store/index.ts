export { type AdapterStoreOptions, createAdapterStore } from './adapterStore.ts';
export { adapterManifest } from './contentSource.ts';
export { SourceError } from './source.ts';
