import type { Hex } from '@openledger/protocol';
import { LoraError } from '../../lora/index.ts';
import { EngineError, type Loaded } from '../engine.ts';
import { AnswerError, type Server } from './server.ts';
import type { Verifier } from './verifier.ts';

/** The adapters that vLLM was told of, by their hashes, which are their names there. */
export type Adapters = {
  readonly load: (adapter: { readonly hash: Hex; readonly folder: string }) => Promise<Loaded>;
  /** It can no longer be asked for; vLLM is told once nobody holds it. */
  readonly unload: (hash: Hex) => Promise<void>;
  readonly hashes: () => readonly Hex[];
  /** Keeps it in vLLM until it is given back. @returns undefined when it is not loaded. */
  readonly hold: (hash: Hex) => (() => void) | undefined;
  /** Loads it again where vLLM has forgotten it, as after a start. */
  readonly restore: (hash: Hex) => Promise<void>;
};

type Entry = {
  readonly folder: string;
  readonly loading: Promise<Loaded>;
  isLoaded: boolean;
  isLeaving: boolean;
  holders: number;
  restoring: Promise<void> | undefined;
  removing: Promise<void> | undefined;
};

export type AdaptersOptions = { readonly server: Server; readonly verifier: Verifier; readonly maxRank: number };

export const createAdapters = ({ server, verifier, maxRank }: AdaptersOptions): Adapters => {
  const entries = new Map<Hex, Entry>();

  const begin = async (hash: Hex, folder: string): Promise<Loaded> => {
    const began = performance.now();
    const { bytes, rank } = await verifier.verify({ hash, folder });
    if (rank > maxRank) throw new LoraError(`The adapter has rank ${rank}; this engine takes ranks up to ${maxRank}`);
    try {
      await tellToLoad(hash, folder).catch((error) => replace(error, hash, folder));
    } catch (error) {
      throw await loadError(server, error, folder);
    }
    return { bytes, ms: performance.now() - began };
  };
  const tellToLoad = async (hash: Hex, folder: string, options = {}): Promise<void> => {
    const response = await server.post('/v1/load_lora_adapter', { lora_name: hash, lora_path: folder, ...options });
    await response.body?.cancel();
  };
  /** Loads one that vLLM has from an earlier life of this worker, maybe from a folder that is gone. */
  const replace = async (error: unknown, hash: Hex, folder: string): Promise<void> => {
    if (!isLoadedAlready(error)) throw error;
    try {
      await tellToLoad(hash, folder, { load_inplace: true });
    } catch (again) {
      // Versions before load_inplace take no notice of it.
      if (!isLoadedAlready(again)) throw again;
      await tellToUnload(hash);
      await tellToLoad(hash, folder);
    }
  };
  const tellToUnload = async (hash: Hex): Promise<void> => {
    try {
      const response = await server.post('/v1/unload_lora_adapter', { lora_name: hash });
      await response.body?.cancel();
    } catch (error) {
      if (!(error instanceof AnswerError)) throw error;
      // One that vLLM itself had let go of it cannot remove: it keeps the name, and `replace` takes it over.
      const isGone = error.status === 404 || /^Failed to remove lora adapter/.test(error.message);
      if (!isGone) throw new EngineError(`vLLM does not unload the adapter ${hash}: ${error.message}`);
    }
  };
  const forget = (hash: Hex, entry: Entry): void => {
    // It may have been loaded anew meanwhile.
    if (entries.get(hash) === entry) entries.delete(hash);
  };
  const remove = (hash: Hex, entry: Entry): Promise<void> => {
    entry.removing ??= tellToUnload(hash).finally(() => forget(hash, entry));
    return entry.removing;
  };

  const load: Adapters['load'] = async ({ hash, folder }) => {
    const known = entries.get(hash);
    if (known !== undefined && known.removing === undefined) {
      known.isLeaving = false;
      return known.loading;
    }
    const before = known?.removing?.catch(() => {}) ?? Promise.resolve();
    const loading = before.then(() => begin(hash, folder));
    const entry: Entry = {
      folder,
      loading,
      isLoaded: false,
      isLeaving: false,
      holders: 0,
      restoring: undefined,
      removing: undefined,
    };
    entries.set(hash, entry);
    try {
      const loaded = await loading;
      entry.isLoaded = true;
      if (entry.isLeaving) await remove(hash, entry);
      return loaded;
    } catch (error) {
      forget(hash, entry);
      throw error;
    }
  };
  return {
    load,
    unload: async (hash) => {
      const entry = entries.get(hash);
      if (entry === undefined) return;
      entry.isLeaving = true;
      if (entry.isLoaded && entry.holders === 0) await remove(hash, entry);
    },
    hashes: () => [...entries].flatMap(([hash, { isLoaded, isLeaving }]) => (isLoaded && !isLeaving ? [hash] : [])),
    hold: (hash) => {
      const entry = entries.get(hash);
      if (entry === undefined || !entry.isLoaded || entry.isLeaving) return undefined;
      entry.holders++;
      return () => {
        entry.holders--;
        // Nobody waits for it: if vLLM cannot be told now, it is away, and has forgotten it when it is back.
        if (entry.holders === 0 && entry.isLeaving) void remove(hash, entry).catch(() => {});
      };
    },
    restore: async (hash) => {
      const entry = entries.get(hash);
      if (entry === undefined) throw new EngineError(`The adapter ${hash} was unloaded`);
      entry.restoring ??= tellToLoad(hash, entry.folder)
        .catch(async (error) => {
          if (!isLoadedAlready(error)) throw await loadError(server, error, entry.folder);
        })
        .finally(() => {
          entry.restoring = undefined;
        });
      await entry.restoring;
    },
  };
};

const isLoadedAlready = (error: unknown): boolean =>
  error instanceof AnswerError && error.status === 400 && /already been loaded/.test(error.message);

/** vLLM answers 500 both when an adapter is not good and when it is in trouble itself. */
const loadError = async (server: Server, error: unknown, folder: string): Promise<unknown> => {
  if (!(error instanceof AnswerError)) return error;
  if (error.type === undefined && (error.status === 404 || error.status === 405)) {
    return new EngineError(
      'vLLM does not load adapters: start it with --enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=True',
    );
  }
  if (error.status === 404) {
    return new EngineError(`vLLM does not see ${folder}: mount the folder of adapters there under the same path`);
  }
  const isItsOwn = error.status > 500 || error.status === 401 || /out of memory/i.test(error.message);
  if (isItsOwn || !(await isHealthy(server))) {
    return new EngineError(`vLLM could not load an adapter: ${error.message}`);
  }
  return new LoraError(`vLLM does not take the adapter in ${folder}: ${error.message}`);
};

export const isHealthy = (server: Server): Promise<boolean> =>
  server.get('/health', { signal: AbortSignal.timeout(5_000) }).then(
    async ({ body }) => {
      await body?.cancel();
      return true;
    },
    () => false,
  );
