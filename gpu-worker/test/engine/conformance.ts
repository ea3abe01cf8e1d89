import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe } from 'vitest';
import { type Base, readBase } from '../../src/base/index.ts';
import type { Adapter } from '../../src/lora/index.ts';
import type { Engine } from '../../src/serving/index.ts';
import { type Adapters, writeAdapters } from './adapters.ts';
import { answering } from './answering.ts';
import { ending } from './ending.ts';
import { loading } from './loading.ts';
import { queueing } from './queueing.ts';
import { refusing } from './refusing.ts';
import { sampling } from './sampling.ts';
import { stopping } from './stopping.ts';
import { openTruth, type Truth } from './truth.ts';

export type EngineOptions = {
  /** Folder of the base. */
  readonly folder: string;
  /** Answers at once, and those that may wait. */
  readonly rows: number;
  readonly queue: number;
  readonly maxRank: number;
};

/** What the parts of the test work on. */
export type Tested = {
  /** With 16 rows; open for all parts, and free between tests. */
  readonly engine: Engine;
  readonly base: Base;
  /** All of `fitting` are loaded but the last two. */
  readonly adapters: Adapters;
  /** The graph run directly, for the base or one adapter. */
  readonly truth: (adapter?: Adapter) => Promise<Truth>;
  /** Another engine, such as one with few rows; closed by who opens it. */
  readonly open: (options: { rows: number; queue: number }) => Promise<Engine>;
};

export const maxRank = 4;
const folder = fileURLToPath(new URL('../../base', import.meta.url));

/**
 * What `Engine` promises, for any engine, on the shipped base.
 *
 * @param open with room for 8 adapters and more.
 */
export const describeEngine = (name: string, open: (options: EngineOptions) => Promise<Engine>): void => {
  describe(name, () => {
    let tested: Tested;
    const truths = new Map<Adapter | undefined, Promise<Truth>>();
    beforeAll(async () => {
      const base = await readBase(folder);
      const opened = (options: { rows: number; queue: number }) => open({ folder, maxRank, ...options });
      const adapters = await writeAdapters(base.config, 8, maxRank);
      const engine = await opened({ rows: 16, queue: 16 });
      const truth = (adapter?: Adapter) => {
        const known = truths.get(adapter) ?? openTruth(base, adapter);
        truths.set(adapter, known);
        return known;
      };
      tested = { base, adapters, engine, open: opened, truth };
      for (const adapter of adapters.fitting.slice(0, -2)) await engine.load(adapter);
    });
    afterAll(async () => {
      await tested?.engine.close();
      for (const truth of truths.values()) await (await truth).close();
      await tested?.adapters.remove();
    });
    const context = () => tested;
    describe('answering', () => answering(context));
    describe('sampling', () => sampling(context));
    describe('stopping', () => stopping(context));
    describe('refusing', () => refusing(context));
    describe('loading', () => loading(context));
    describe('ending early', () => ending(context));
    describe('queueing', () => queueing(context));
  });
};
