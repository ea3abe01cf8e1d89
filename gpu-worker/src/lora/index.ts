export { type Adapter, type AdapterModule, adapterOf, tensorsOf } from './adapter.ts';
export {
  type Bank,
  type BankArrays,
  clearSlot,
  createBank,
  packBank,
  placesOf,
  slotBytes,
  transposeInto,
  writeSlot,
} from './bank.ts';
export { type AdapterConfig, readConfig, writeConfig } from './config.ts';
export { LoraError } from './errors.ts';
export { type Dtype, toFloat32 } from './floats.ts';
export {
  type AdapterFiles,
  adapterHash,
  configFile,
  encodeAdapter,
  hashDigests,
  hashFiles,
  type LoadedAdapter,
  parseAdapter,
  readAdapter,
  tensorsFile,
  writeAdapter,
} from './folder.ts';
export {
  type BankGraft,
  type BankModule,
  type BankOptions,
  graft,
  type RowsGraft,
  type RowsOptions,
  type SharedGraft,
  type SharedModule,
  type SharedOptions,
} from './graft.ts';
export { type AdapterLimits, adapterLimits } from './limits.ts';
export { headInputOf, type LoraModule, modulesOf } from './modules.ts';
export { isAfterHidden, isHeadModule, resolveModule } from './names.ts';
export { type NewConfig, newConfig } from './newConfig.ts';
export { readSafetensors, type SafeTensor, type Safetensors, writeSafetensors } from './safetensors.ts';
export { type SampleGradientModule, type SampleGradients, sampleGradients } from './sampleGradients.ts';
export { createTargeting, type Target } from './targets.ts';
export { arraysOf, initialArrays, sharedOptions, type TrainingArray, type TrainingArrays, toPeft } from './training.ts';
