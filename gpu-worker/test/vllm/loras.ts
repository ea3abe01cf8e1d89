import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { adapterHash } from '../../src/lora/index.ts';
import type { Engine } from '../../src/serving/index.ts';
import { Refusal } from './refusal.ts';

/** The adapters that a server was told of, by the names that it was given for them. */
export type Loras = {
  readonly all: () => readonly { readonly name: string; readonly path: string }[];
  /** What the engine knows it as. */
  readonly hashOf: (name: string) => `0x${string}` | undefined;
  readonly load: (body: Record<string, unknown>) => Promise<string>;
  readonly unload: (body: Record<string, unknown>) => Promise<string>;
  /** Lets go of one as its LRU cache does, `--max-cpu-loras`: the name stays, and a request would load it again. */
  readonly evict: (name: string) => void;
  /** As after a start. */
  readonly forget: () => Promise<void>;
};

/** @param hasInPlace whether `load_inplace` is known, which older versions take no notice of. */
export const createLoras = (engine: Engine, hasInPlace: boolean): Loras => {
  const known = new Map<string, { readonly path: string; readonly hash: `0x${string}` }>();
  const evicted = new Set<string>();
  const drop = async (name: string) => {
    const { hash } = known.get(name)!;
    known.delete(name);
    if (![...known.values()].some((other) => other.hash === hash)) await engine.unload(hash);
  };
  return {
    all: () => [...known].map(([name, { path }]) => ({ name, path })),
    hashOf: (name) => known.get(name)?.hash,
    evict: (name) => evicted.add(name),
    load: async ({ lora_name: name, lora_path: path, load_inplace: isInPlace }) => {
      if (typeof name !== 'string' || typeof path !== 'string' || name === '' || path === '') {
        throw new Refusal(400, 'InvalidUserInput', "Both 'lora_name' and 'lora_path' must be provided.");
      }
      if (known.has(name) && !(hasInPlace && isInPlace === true)) {
        throw new Refusal(
          400,
          'InvalidUserInput',
          `The lora adapter '${name}' has already been loaded. If you want to load the adapter in place, set ` +
            "'load_inplace' to True.",
        );
      }
      const isThere = await stat(join(path, 'adapter_config.json')).catch(() => undefined);
      if (isThere === undefined) {
        throw new Refusal(404, 'NotFoundError', `Loading lora ${name} failed: No adapter found for ${path}`);
      }
      try {
        const hash = await adapterHash(path);
        await engine.load({ hash, folder: path });
        known.set(name, { path, hash });
        evicted.delete(name);
      } catch (error) {
        throw new Refusal(500, 'InternalServerError', error instanceof Error ? error.message : String(error));
      }
      return `Success: LoRA adapter '${name}' added successfully.`;
    },
    unload: async ({ lora_name: name }) => {
      if (typeof name !== 'string' || name === '') {
        throw new Refusal(400, 'InvalidUserInput', "'lora_name' needs to be provided to unload a LoRA adapter.");
      }
      if (!known.has(name)) throw new Refusal(404, 'NotFoundError', `The lora adapter '${name}' cannot be found.`);
      if (evicted.has(name)) {
        throw new Refusal(500, 'InternalServerError', `Failed to remove lora adapter '${name}' from the engine.`);
      }
      await drop(name);
      return `Success: LoRA adapter '${name}' removed successfully.`;
    },
    forget: async () => {
      for (const name of [...known.keys()]) await drop(name);
    },
  };
};
