import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Hex } from '@openledger/protocol';
import type { DecoderConfig } from '../../src/base/index.ts';
import { type Adapter, adapterHash, writeAdapter } from '../../src/lora/index.ts';
import { randomAdapter } from '../../src/lora/testing.ts';

export type WrittenAdapter = { readonly hash: Hex; readonly folder: string; readonly adapter: Adapter };

/** PEFT folders of adapters for one base, each of which changes its answers. */
export type Adapters = {
  readonly fitting: readonly WrittenAdapter[];
  /** Of the base's modules, and of a rank above `maxRank`. */
  readonly tooHigh: WrittenAdapter;
  /** A trained one whose base has other sizes. */
  readonly ofAnotherBase: { readonly hash: Hex; readonly folder: string };
  readonly remove: () => Promise<void>;
};

/** @param maxRank of the engine that is tested. */
export const writeAdapters = async (config: DecoderConfig, count: number, maxRank: number): Promise<Adapters> => {
  const folder = await mkdtemp(join(tmpdir(), 'adapters-'));
  const write = async (name: string, rank: number): Promise<WrittenAdapter> => {
    const adapter = randomAdapter({ modules: modulesOf(config), seed: name, rank, alpha: 0.06 * rank });
    const path = join(folder, name);
    return { hash: await writeAdapter(path, adapter), folder: path, adapter };
  };
  const other = fileURLToPath(new URL('../../fixtures/adapters/llama/plain', import.meta.url));
  return {
    fitting: await Promise.all(Array.from({ length: count }, (_, at) => write(`fitting-${at}`, 1 + (at % maxRank)))),
    tooHigh: await write('too-high', maxRank + 1),
    ofAnotherBase: { hash: await adapterHash(other), folder: other },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
};

const modulesOf = (config: DecoderConfig): Record<string, readonly [number, number]> =>
  Object.fromEntries(
    Array.from({ length: config.num_hidden_layers }, (_, layer) => [
      [`model.layers.${layer}.self_attn.q_proj`, [config.hidden_size, config.hidden_size] as const],
      [`model.layers.${layer}.self_attn.v_proj`, [config.hidden_size, config.hidden_size] as const],
      [`model.layers.${layer}.mlp.down_proj`, [config.intermediate_size, config.hidden_size] as const],
    ]).flat(),
  );
