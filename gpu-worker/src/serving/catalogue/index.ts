export {
  type CatalogueChange,
  type CatalogueOptions,
  createCatalogue,
  type LiveCatalogue,
} from './catalogue.ts';
export { modelName } from './name.ts';
/** What is served where no chain is followed: those models, always. */
export { createNames as createStaticCatalogue } from './names.ts';
