import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Engine, EngineError } from '../../src/serving/index.ts';
import { ask, eventually, failureOf, question } from './ask.ts';
import type { Tested } from './conformance.ts';

export const ending = (tested: () => Tested): void => {
  const long = () => ({ prompt: [0, 300, 301], maxTokens: tested().engine.info.maxContext - 3, ignoreEnd: true });

  let small: Engine;
  beforeAll(async () => {
    small = await tested().open({ rows: 1, queue: 4 });
  });
  afterAll(() => small?.close());
  /** Runs `work` on an engine with one place. @returns tokens that it generated. */
  const withOnePlace = async (work: (engine: Engine) => Promise<void>): Promise<number> => {
    const before = small.status().generatedTokens;
    await work(small);
    return small.status().generatedTokens - before;
  };

  test('one that was aborted before it began is not answered', async () => {
    const { engine } = tested();
    const reason = new Error('The client has gone');
    const before = engine.status().promptTokens;
    expect(await failureOf(ask(engine, long(), { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(engine.status()).toMatchObject({ running: 0, waiting: 0, promptTokens: before });
  });

  test('aborting frees the place at once, whether the request runs or waits', async () => {
    const tokens = await withOnePlace(async (engine) => {
      const [running, waiting] = [new AbortController(), new AbortController()];
      const reason = new Error('The client has gone');
      const pieces = engine.generate(question(long()), { signal: running.signal })[Symbol.asyncIterator]();
      expect((await pieces.next()).done).toBe(false);
      const second = failureOf(ask(engine, long(), { signal: waiting.signal }));
      const third = ask(engine, { ...long(), maxTokens: 2 });
      await eventually(() => expect(engine.status()).toMatchObject({ running: 1, waiting: 2 }));
      waiting.abort(reason);
      expect(await second).toBe(reason);
      await eventually(() => expect(engine.status()).toMatchObject({ running: 1, waiting: 1 }));
      running.abort(reason);
      expect(
        await failureOf(
          (async () => {
            while (!(await pieces.next()).done);
          })(),
        ),
      ).toBe(reason);
      expect((await third).ids).toHaveLength(2);
      await eventually(() => expect(engine.status()).toMatchObject({ running: 0, waiting: 0, runningAdapters: [] }));
    });
    expect(tokens).toBeLessThan(long().maxTokens);
  });

  test('aborting frees the place although nobody reads on, as behind a slow connection', async () => {
    const tokens = await withOnePlace(async (engine) => {
      const client = new AbortController();
      const pieces = engine.generate(question(long()), { signal: client.signal })[Symbol.asyncIterator]();
      await pieces.next();
      client.abort(new Error('The client has gone'));
      expect((await ask(engine, { ...long(), maxTokens: 2 })).ids).toHaveLength(2);
      await eventually(() => expect(engine.status()).toMatchObject({ running: 0, waiting: 0 }));
      await pieces.return?.();
    });
    expect(tokens).toBeLessThan(long().maxTokens);
  });

  test('ending the iteration early frees the place', async () => {
    const tokens = await withOnePlace(async (engine) => {
      for await (const piece of engine.generate(question(long()))) {
        expect(piece.finish).toBeUndefined();
        break;
      }
      expect((await ask(engine, { ...long(), maxTokens: 2 })).ids).toHaveLength(2);
      await eventually(() => expect(engine.status()).toMatchObject({ running: 0, waiting: 0 }));
    });
    expect(tokens).toBeLessThan(long().maxTokens);
  });

  test('ending one of several answers’ requests frees all their places', async () => {
    const { engine } = tested();
    for await (const _ of engine.generate(question({ ...long(), n: 4 }))) break;
    await eventually(() => expect(engine.status()).toMatchObject({ running: 0, waiting: 0 }));
  });

  test('closing ends what runs and what waits with an error, and nothing is answered afterwards', async () => {
    const engine = await tested().open({ rows: 1, queue: 4 });
    const running = engine.generate(question(long()))[Symbol.asyncIterator]();
    await running.next();
    const rest = failureOf(
      (async () => {
        while (!(await running.next()).done);
      })(),
    );
    const waiting = failureOf(ask(engine, long()));
    await eventually(() => expect(engine.status().waiting).toBe(1));
    await engine.close();
    expect(await rest).toBeInstanceOf(EngineError);
    expect(await waiting).toBeInstanceOf(EngineError);
    expect(await failureOf(ask(engine, long()))).toBeInstanceOf(EngineError);
    expect(await failureOf(engine.load(tested().adapters.fitting[0]!))).toBeInstanceOf(EngineError);
    await engine.close();
  });
};
