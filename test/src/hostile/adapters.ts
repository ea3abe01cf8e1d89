import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createTargeting,
  encodeAdapter,
  LoraError,
  parseAdapter,
  readConfig,
  readSafetensors,
  type Safetensors,
  writeConfig,
  writeSafetensors,
} from '@openledger/gpu-worker/lora';
import type { Format } from './format.ts';
import { jsonFileMutators, jsonHeaderMutators } from './jsonText.ts';
import type { Mutator } from './mutators.ts';

// Adapters come from whoever publishes a model version: both files of each, by peft.

const folder = join(import.meta.dirname, '../../../gpu-worker/fixtures/adapters');

const filesNamed = async (wanted: string): Promise<Uint8Array[]> => {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(wanted)).sort();
  return Promise.all(names.map(async (name) => new Uint8Array(await readFile(join(folder, name)))));
};

const headerLength: Mutator = (bytes, random) => {
  const changed = bytes.slice();
  if (changed.length < 8) return changed;
  const length = random.pick([
    0n,
    1n,
    2n ** 24n,
    2n ** 31n,
    2n ** 32n,
    2n ** 63n,
    2n ** 64n - 1n,
    BigInt(random.below(changed.length)),
  ]);
  new DataView(changed.buffer).setBigUint64(0, length, true);
  return changed;
};

const isRefusal = (error: unknown) => error instanceof LoraError;
const mostBytes = (fileBytes: number) => 65_536 + 8 * fileBytes;

/** A config that a file of tensors fits, so that more is read of it than its first rank. */
const configFor = ({ tensors }: Safetensors): Uint8Array => {
  const ranks = [...tensors].flatMap(([key, { dims }]) => {
    const module = /^base_model\.model\.(.+)\.lora_A\.weight$/.exec(key)?.[1];
    return module === undefined ? [] : [[module.replace(/\W/g, '\\$&'), dims[0] ?? 0] as const];
  });
  const rankPattern = Object.fromEntries(ranks);
  const config = { peft_type: 'LORA', r: 4, lora_alpha: 8, target_modules: '.*', rank_pattern: rankPattern };
  return Buffer.from(JSON.stringify(config));
};

export const safetensors: Format = {
  name: 'safetensors',
  seeds: () => filesNamed('adapter_model.safetensors'),
  read: (bytes) => {
    const file = readSafetensors(bytes);
    const written = writeSafetensors(file);
    if (Buffer.compare(writeSafetensors(readSafetensors(written)), written) !== 0) {
      throw new Error('It is not written as it was read');
    }
    const adapter = parseAdapter({ config: configFor(file), tensors: bytes });
    parseAdapter(encodeAdapter(adapter));
  },
  isRefusal,
  mutators: [...jsonHeaderMutators, headerLength],
  mostBytes,
};

const names = [
  'model.layers.0.self_attn.q_proj',
  'transformer.h.11.attn.c_attn',
  'bert.encoder.layer.0.attention.self.query',
];

export const adapterConfig: Format = {
  name: 'adapter-config',
  seeds: () => filesNamed('adapter_config.json'),
  read: (bytes) => {
    const config = readConfig(Buffer.from(bytes).toString());
    const text = writeConfig(config);
    if (writeConfig(readConfig(text)) !== text) throw new Error('It is not written as it was read');
    const targeting = createTargeting(config);
    for (const name of names) {
      const target = targeting(name);
      if (target !== undefined && !(target.rank >= 1 && Number.isFinite(target.scale))) {
        throw new Error(`${name} has rank ${target.rank} and scale ${target.scale}`);
      }
    }
  },
  isRefusal,
  mutators: jsonFileMutators,
  mostBytes,
};
