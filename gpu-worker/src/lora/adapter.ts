import type { AdapterConfig } from './config.ts';
import { LoraError } from './errors.ts';
import { toFloat32 } from './floats.ts';
import { type AdapterLimits, adapterLimits } from './limits.ts';
import { loraA, loraB, peftPrefix } from './names.ts';
import type { SafeTensor, Safetensors } from './safetensors.ts';
import { createTargeting } from './targets.ts';

/** A LoRA adapter as peft stores it, its tensors untouched in the types that they have in the file. */
export type Adapter = {
  readonly config: AdapterConfig;
  /** By PEFT name, without the prefix: `model.layers.0.self_attn.q_proj`. */
  readonly modules: ReadonlyMap<string, AdapterModule>;
  readonly metadata: ReadonlyMap<string, string>;
};

/** What a module adds to its output for input x: scale · B · A · x. */
export type AdapterModule = {
  /** [rank, in] */
  readonly a: SafeTensor;
  /** [out, rank] */
  readonly b: SafeTensor;
  readonly rank: number;
  readonly scale: number;
  readonly in: number;
  readonly out: number;
};

/**
 * An adapter from its config and its tensors.
 *
 * @throws LoraError when a tensor is missing, has another shape or rank than the config says, belongs to a module that peft
 * would not adapt, or holds NaN or infinite numbers.
 */
export const adapterOf = (
  config: AdapterConfig,
  { tensors, metadata }: Safetensors,
  limits: AdapterLimits = adapterLimits,
): Adapter => {
  const targeting = createTargeting(config);
  const modules = new Map<string, AdapterModule>();
  for (const [key, a] of tensors) {
    const module = moduleOfKey(key);
    if (!key.endsWith(loraA)) continue;
    if (modules.size === limits.modules) throw new LoraError(`The adapter has more than ${limits.modules} modules`);
    const target = targeting(module);
    if (target === undefined) {
      throw new LoraError(`The adapter has tensors for ${module}, which target_modules of its config leaves out`);
    }
    const b = tensors.get(peftPrefix + module + loraB);
    if (b === undefined) throw new LoraError(`The adapter has lora_A for ${module}, but no lora_B`);
    modules.set(module, moduleOfTensors(module, a, b, target));
  }
  for (const key of tensors.keys()) {
    if (key.endsWith(loraB) && !modules.has(moduleOfKey(key))) {
      throw new LoraError(`The adapter has lora_B for ${moduleOfKey(key)}, but no lora_A`);
    }
  }
  if (modules.size === 0) throw new LoraError('The adapter has no lora_A and lora_B tensors');
  return { config, modules, metadata };
};

/** The tensors of an adapter under the names that peft gives them. */
export const tensorsOf = ({ modules, metadata }: Adapter): Safetensors => ({
  tensors: new Map(
    [...modules].flatMap(([module, { a, b }]) => [
      [peftPrefix + module + loraA, a],
      [peftPrefix + module + loraB, b],
    ]),
  ),
  metadata,
});

const moduleOfKey = (key: string): string => {
  const ending = [loraA, loraB].find((suffix) => key.endsWith(suffix));
  const module = key.slice(peftPrefix.length, ending === undefined ? undefined : -ending.length);
  if (ending !== undefined && key.startsWith(peftPrefix) && module.length > 0 && module.length <= 512) return module;
  const shown = key.slice(0, 200);
  if (key.includes('lora_embedding_')) {
    throw new LoraError(`Tensor ${shown} adapts an embedding; only linear modules can be adapted`);
  }
  if (key.includes('lora_magnitude_vector')) throw new LoraError(`Tensor ${shown} is DoRA's, which is not supported`);
  throw new LoraError(`Tensor ${shown} is none of an adapter's: expected ${peftPrefix}<module>${loraA} or ${loraB}`);
};

const moduleOfTensors = (
  module: string,
  a: SafeTensor,
  b: SafeTensor,
  { rank, scale }: { rank: number; scale: number },
): AdapterModule => {
  if (a.dims.length !== 2 || b.dims.length !== 2 || a.dims[0] !== b.dims[1]) {
    throw new LoraError(
      `${module} has lora_A [${a.dims.join(', ')}] and lora_B [${b.dims.join(', ')}]; expected [rank, in] and [out, rank]`,
    );
  }
  if (a.dims[0] !== rank) {
    throw new LoraError(`${module} has tensors of rank ${a.dims[0]}; by adapter_config.json it is ${rank}`);
  }
  const [inputs, outputs] = [a.dims[1]!, b.dims[0]!];
  if (inputs === 0 || outputs === 0) throw new LoraError(`${module} has tensors without elements`);
  checkFinite(`lora_A of ${module}`, toFloat32(a.dtype, a.data), 1);
  checkFinite(`lora_B of ${module}, scaled by ${scale},`, toFloat32(b.dtype, b.data), scale);
  return { a, b, rank, scale, in: inputs, out: outputs };
};

const checkFinite = (what: string, values: Float32Array, scale: number): void => {
  // Without their sign, the bits of float32 numbers are in the order of the numbers, infinity and NaN last.
  let largest = 0;
  for (const bits of new Int32Array(values.buffer, values.byteOffset, values.length)) {
    const magnitude = bits & 0x7fffffff;
    if (magnitude > largest) largest = magnitude;
  }
  const [value] = new Float32Array(Int32Array.of(largest).buffer) as unknown as [number];
  if (!Number.isFinite(Math.fround(value * scale))) throw new LoraError(`${what} holds numbers that are not finite`);
};
