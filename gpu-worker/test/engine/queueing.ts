import { expect, test } from 'vitest';
import { type Engine, OverloadedError } from '../../src/serving/index.ts';
import { ask, askAll, eventually, failureOf } from './ask.ts';
import type { Tested } from './conformance.ts';

export const queueing = (tested: () => Tested): void => {
  const asked = (maxTokens: number) => ({ prompt: [0, 300, 301], maxTokens, ignoreEnd: true });

  const withEngine = async (options: { rows: number; queue: number }, work: (engine: Engine) => Promise<void>) => {
    const engine = await tested().open(options);
    try {
      await work(engine);
    } finally {
      await engine.close();
    }
  };

  test('more than can run and wait is refused at once, with when to come back; the others are answered', async () => {
    await withEngine({ rows: 2, queue: 2 }, async (engine) => {
      expect(engine.info).toMatchObject({ maxRunning: 2, maxWaiting: 2 });
      expect(engine.status().room).toBe(4);
      const accepted = Promise.all(Array.from({ length: 4 }, () => ask(engine, asked(120))));
      accepted.catch(() => {});
      await eventually(() => expect(engine.status()).toMatchObject({ running: 2, waiting: 2 }));
      expect(engine.status().room).toBe(0);
      for (const n of [1, 2]) {
        const refused = await failureOf(askAll(engine, { ...asked(2), n }));
        expect(refused).toBeInstanceOf(OverloadedError);
        expect((refused as OverloadedError).retryAfter).toBeGreaterThanOrEqual(1);
        expect(Number.isInteger((refused as OverloadedError).retryAfter)).toBe(true);
      }
      expect((await accepted).map(({ ids }) => ids.length)).toEqual([120, 120, 120, 120]);
      await eventually(() => expect(engine.status().room).toBeGreaterThanOrEqual(2));
      expect((await ask(engine, asked(2))).ids).toHaveLength(2);
    });
  });

  test('many requests for one adapter do not starve another, nor the base', async () => {
    const { adapters } = tested();
    await withEngine({ rows: 2, queue: 64 }, async (engine) => {
      const [flood, quiet] = [adapters.fitting[0]!, adapters.fitting[1]!];
      await engine.load(flood);
      await engine.load(quiet);
      const finished: string[] = [];
      const note = async (name: string, work: Promise<unknown>) => {
        await work;
        finished.push(name);
      };
      const work = Array.from({ length: 16 }, () => note('flood', ask(engine, { ...asked(8), adapter: flood.hash })));
      work.push(note('quiet', ask(engine, { ...asked(8), adapter: quiet.hash })));
      work.push(note('base', ask(engine, asked(8))));
      await Promise.all(work);
      // Both come after what ran already and what may start beside them, not after the 14 that waited before.
      expect(finished.indexOf('quiet')).toBeLessThan(9);
      expect(finished.indexOf('base')).toBeLessThan(9);
    });
  });

  test('a request for several answers gets its places although others go on coming', async () => {
    await withEngine({ rows: 2, queue: 64 }, async (engine) => {
      const finished: string[] = [];
      const work = Array.from({ length: 6 }, () => ask(engine, asked(8)).then(() => finished.push('one')));
      work.push(askAll(engine, { ...asked(8), n: 2 }).then(() => finished.push('two')));
      work.push(...Array.from({ length: 10 }, () => ask(engine, asked(8)).then(() => finished.push('one'))));
      await Promise.all(work);
      expect(finished.indexOf('two')).toBeLessThan(14);
    });
  });

  test('the status counts what runs, waits, and was done', async () => {
    const { adapters } = tested();
    await withEngine({ rows: 2, queue: 8 }, async (engine) => {
      expect(engine.status()).toMatchObject({
        running: 0,
        waiting: 0,
        promptTokens: 0,
        generatedTokens: 0,
        loaded: [],
      });
      await engine.load(adapters.fitting[0]!);
      const work = [0, 1, 2].map(() => ask(engine, { ...asked(40), adapter: adapters.fitting[0]!.hash }));
      await eventually(() => expect(engine.status()).toMatchObject({ running: 2, waiting: 1 }));
      const { cacheUsage, busyRatio, runningAdapters, waitingAdapters } = engine.status();
      expect([runningAdapters, waitingAdapters]).toEqual([[adapters.fitting[0]!.hash], [adapters.fitting[0]!.hash]]);
      for (const part of [cacheUsage, busyRatio]) expect(part >= 0 && part <= 1).toBe(true);
      await Promise.all(work);
      await eventually(() =>
        expect(engine.status()).toMatchObject({
          running: 0,
          waiting: 0,
          room: 10,
          promptTokens: 9,
          generatedTokens: 120,
          runningAdapters: [],
          waitingAdapters: [],
          loaded: [adapters.fitting[0]!.hash],
        }),
      );
      const { swaps, swapMs, swapsSaved } = engine.status();
      expect([swaps, swapMs, swapsSaved].every((count) => count >= 0)).toBe(true);
    });
  });
};
