import { expect, test } from 'vitest';
import { type GenerateRequest, RequestError } from '../../src/serving/index.ts';
import { ask, failureOf, question } from './ask.ts';
import type { Tested } from './conformance.ts';

export const refusing = (tested: () => Tested): void => {
  test('what cannot be answered is refused by the field that is wrong', async () => {
    const { engine, base } = tested();
    const { maxContext, maxRunning, maxWaiting } = engine.info;
    const unloaded = `0x${'ab'.repeat(32)}` as const;
    const wrong: readonly [string, Partial<GenerateRequest>][] = [
      ['model', { adapter: unloaded }],
      ['prompt', { prompt: [] }],
      ['prompt', { prompt: [0, base.config.vocab_size] }],
      ['prompt', { prompt: [0, -1] }],
      ['prompt', { prompt: [0, 1.5] }],
      ['prompt', { prompt: Array.from({ length: maxContext + 1 }, () => 5) }],
      ['max_tokens', { prompt: Array.from({ length: 10 }, () => 5), maxTokens: maxContext - 9 }],
      ['max_tokens', { maxTokens: 0 }],
      ['n', { n: 0 }],
      ['n', { n: maxRunning + maxWaiting + 1 }],
      ['stop', { stop: ['fine', ''] }],
    ];
    const refused = await Promise.all(wrong.map(async ([, fields]) => failureOf(ask(engine, fields)).catch(String)));
    const described = (fields: Partial<GenerateRequest>) => JSON.stringify(fields).slice(0, 60);
    expect(refused.map((failure, at) => [fieldOf(failure), described(wrong[at]![1])])).toEqual(
      wrong.map(([param, fields]) => [param, described(fields)]),
    );
    // None of them took a place.
    expect(engine.status()).toMatchObject({ running: 0, waiting: 0 });
  });

  test('two requests of one id are not answered at once', async () => {
    const { engine } = tested();
    const request = question({ prompt: [0, 5], maxTokens: 40, ignoreEnd: true });
    const first = engine.generate(request)[Symbol.asyncIterator]();
    await first.next();
    expect(await failureOf(ask(engine, request))).toBeInstanceOf(RequestError);
    await first.return?.();
    // It is free again.
    expect((await ask(engine, { ...request, maxTokens: 2 })).ids).toHaveLength(2);
  });

  test('an engine that writes texts says that it makes no embeddings', async () => {
    const { engine } = tested();
    expect(engine.info).toMatchObject({ generates: true, embeds: false });
    const failure = failureOf(engine.embed({ id: 'embed', adapter: undefined, inputs: [[0, 5]] }));
    expect(await failure).toBeInstanceOf(RequestError);
  });
};

const fieldOf = (failure: unknown): unknown => (failure instanceof RequestError ? failure.param : failure);
