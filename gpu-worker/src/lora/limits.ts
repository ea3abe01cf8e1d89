/**
 * What an adapter may cost. Whoever publishes an adapter chooses every number in its files, so each is compared with its
 * limit before anything of that size is allocated.
 */
export type AdapterLimits = {
  /** Bytes of `adapter_config.json`. */
  readonly configBytes: number;
  /** Bytes of `adapter_model.safetensors`. */
  readonly fileBytes: number;
  /** Bytes of the JSON header of a safetensors file; the official library stops at 100 MB. */
  readonly headerBytes: number;
  readonly tensors: number;
  readonly rank: number;
  /** Adapted modules of one adapter. */
  readonly modules: number;
};

export const adapterLimits: AdapterLimits = {
  configBytes: 1 << 20,
  fileBytes: 1 << 30,
  headerBytes: 10_000_000,
  tensors: 20_000,
  rank: 512,
  modules: 10_000,
};
