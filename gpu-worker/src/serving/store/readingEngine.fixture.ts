import type { Hex } from '@openledger/protocol';
import { adapterLimits, readAdapter } from '../../lora/index.ts';
import type { Engine } from '../engine.ts';

export type ReadingEngine = Engine & {
  readonly loads: Hex[];
  readonly loaded: Set<Hex>;
  readonly mostLoaded: () => number;
  /** Called before each load. */
  gate: (hash: Hex) => Promise<void>;
  /** Called at each unload. */
  onUnload: (hash: Hex) => void;
};

/** An engine that loads adapters as each does, reading, verifying and parsing them, and answers nothing. */
export const createReadingEngine = ({
  adapterBytes = 1000 as number | undefined,
  maxRank = 64,
} = {}): ReadingEngine => {
  const loads: Hex[] = [];
  const loaded = new Set<Hex>();
  let most = 0;
  const no = () => {
    throw new Error('This engine answers nothing');
  };
  const engine: ReadingEngine = {
    loads,
    loaded,
    mostLoaded: () => most,
    gate: async () => {},
    onUnload: () => {},
    info: {
      backend: 'reading',
      maxContext: 1,
      maxRunning: 1,
      maxWaiting: 1,
      maxRank,
      adapterBytes,
      embeds: false,
      generates: false,
    },
    generate: no,
    embed: no,
    load: async ({ hash, folder }) => {
      await engine.gate(hash);
      loads.push(hash);
      await readAdapter(folder, { expectedHash: hash, limits: { ...adapterLimits, rank: maxRank } });
      loaded.add(hash);
      most = Math.max(most, loaded.size);
      return { bytes: adapterBytes ?? 1000, ms: 1 };
    },
    unload: async (hash) => {
      engine.onUnload(hash);
      await new Promise((resolve) => setImmediate(resolve));
      loaded.delete(hash);
    },
    status: no,
    failed: new Promise(() => {}),
    close: async () => {},
  };
  return engine;
};
