import { join } from 'node:path';
import type { Base } from '@openledger/gpu-worker/base';
import { createRandom, type Random } from '@openledger/gpu-worker/factory';
import {
  type Adapter,
  adapterOf,
  modulesOf,
  newConfig,
  type SafeTensor,
  writeAdapter,
} from '@openledger/gpu-worker/lora';

export type Setting = {
  readonly rank: number;
  /** Ends of module names. */
  readonly targets: readonly string[];
};

/** S-LoRA's S1: rank 8 on the four projections of attention. */
export const attention8: Setting = { rank: 8, targets: ['q_proj', 'k_proj', 'v_proj', 'o_proj'] };

/** The largest that the worker takes by default: rank 16 on every linear module. */
export const everywhere16: Setting = {
  rank: 16,
  targets: [...attention8.targets, 'gate_proj', 'up_proj', 'down_proj'],
};

export type StoredAdapter = { readonly hash: `0x${string}`; readonly folder: string };

/** An adapter that no other number gives: A as peft initialises it, and a B that is small enough for text to stay text. */
export const makeAdapter = ({ model }: Pick<Base, 'model'>, { rank, targets }: Setting, number: number): Adapter => {
  const config = newConfig({ rank, alpha: 2 * rank, targetModules: targets, taskType: 'CAUSAL_LM' });
  const random = createRandom(number + 1);
  const modules = modulesOf(model).filter(({ name }) => targets.some((target) => name.endsWith(`.${target}`)));
  const entries = modules.flatMap(({ name, in: inputs, out }): [string, SafeTensor][] => [
    [`base_model.model.${name}.lora_A.weight`, uniform(random, [rank, inputs], inputs ** -0.5)],
    [`base_model.model.${name}.lora_B.weight`, uniform(random, [out, rank], 0.1)],
  ]);
  return adapterOf(config, { tensors: new Map(entries), metadata: new Map([['format', 'pt']]) });
};

/** Writes adapters 0 to count − 1 as PEFT folders. */
export const writeAdapters = async (
  folder: string,
  base: Pick<Base, 'model'>,
  setting: Setting,
  count: number,
): Promise<readonly StoredAdapter[]> => {
  const written: StoredAdapter[] = [];
  for (let number = 0; number < count; number++) {
    const own = join(folder, `${number}`);
    written.push({ folder: own, hash: await writeAdapter(own, makeAdapter(base, setting, number)) });
  }
  return written;
};

const uniform = (random: Random, dims: readonly [number, number], bound: number): SafeTensor => {
  const values = Float32Array.from({ length: dims[0] * dims[1] }, () => (random.next() * 2 - 1) * bound);
  return { dtype: 'F32', dims, data: new Uint8Array(values.buffer) };
};
