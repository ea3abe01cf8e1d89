import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LoraError } from '../../src/lora/index.ts';
import { RequestError } from '../../src/serving/index.ts';
import { ask, failureOf, question } from './ask.ts';
import type { Tested } from './conformance.ts';

export const loading = (tested: () => Tested): void => {
  const asked = () => ({ prompt: tested().base.tokenizer.encode('# Install'), maxTokens: 12, ignoreEnd: true });

  test('an adapter answers from when it is loaded until it is unloaded, and again', async () => {
    const { engine, adapters } = tested();
    const adapter = adapters.fitting.at(-1)!;
    expect(engine.status().loaded).toEqual(
      expect.arrayContaining(adapters.fitting.slice(0, -2).map(({ hash }) => hash)),
    );
    expect(engine.status().loaded).not.toContain(adapter.hash);
    expect(await failureOf(ask(engine, { ...asked(), adapter: adapter.hash }))).toBeInstanceOf(RequestError);
    const loaded = await engine.load(adapter);
    expect(loaded.bytes).toBeGreaterThan(0);
    expect(loaded.ms).toBeGreaterThanOrEqual(0);
    expect(engine.status().loaded).toContain(adapter.hash);
    const first = await ask(engine, { ...asked(), adapter: adapter.hash });
    expect(first.text).not.toBe((await ask(engine, asked())).text);
    await engine.unload(adapter.hash);
    await engine.unload(adapter.hash);
    expect(engine.status().loaded).not.toContain(adapter.hash);
    expect(await failureOf(ask(engine, { ...asked(), adapter: adapter.hash }))).toBeInstanceOf(RequestError);
    await engine.load(adapter);
    expect((await ask(engine, { ...asked(), adapter: adapter.hash })).ids).toEqual(first.ids);
    await engine.unload(adapter.hash);
  });

  test('loading twice, one after the other or at once, is loading once', async () => {
    const { engine, adapters } = tested();
    const adapter = adapters.fitting.at(-2)!;
    await Promise.all([engine.load(adapter), engine.load(adapter), engine.load(adapter)]);
    await engine.load(adapter);
    expect(engine.status().loaded.filter((hash) => hash === adapter.hash)).toHaveLength(1);
    await engine.unload(adapter.hash);
    expect(engine.status().loaded).not.toContain(adapter.hash);
  });

  test('of loading and unloading at once the last counts', async () => {
    const { engine, adapters } = tested();
    const adapter = adapters.fitting.at(-1)!;
    await Promise.all([engine.load(adapter), engine.unload(adapter.hash)]);
    expect(engine.status().loaded).not.toContain(adapter.hash);
    expect(await failureOf(ask(engine, { ...asked(), adapter: adapter.hash }))).toBeInstanceOf(RequestError);
    await Promise.all([engine.load(adapter), engine.unload(adapter.hash), engine.load(adapter)]);
    expect(engine.status().loaded).toContain(adapter.hash);
    expect((await ask(engine, { ...asked(), adapter: adapter.hash })).ids).toHaveLength(12);
    await Promise.all([engine.unload(adapter.hash), engine.load(adapter), engine.unload(adapter.hash)]);
    expect(engine.status().loaded).not.toContain(adapter.hash);
  });

  test('what is not what its hash says, does not fit, or is no adapter is refused, and nothing of it stays', async () => {
    const { engine, adapters } = tested();
    const [first, second] = [adapters.fitting.at(-1)!, adapters.fitting.at(-2)!];
    const before = [...engine.status().loaded].sort();
    const wrong = [
      { hash: first.hash, folder: second.folder },
      adapters.tooHigh,
      adapters.ofAnotherBase,
      { hash: first.hash, folder: join(first.folder, 'nowhere') },
    ];
    for (const adapter of wrong) {
      const failure = await failureOf(engine.load(adapter));
      expect(failure, adapter.folder).toBeInstanceOf(LoraError);
      expect(await failureOf(ask(engine, { ...asked(), adapter: adapter.hash }))).toBeInstanceOf(RequestError);
    }
    expect(await failureOf(engine.load(adapters.tooHigh))).toMatchObject({ message: expect.stringMatching(/rank/i) });
    expect([...engine.status().loaded].sort()).toEqual(before);
    // A good folder for the hash that was refused is taken.
    await engine.load(first);
    await engine.unload(first.hash);
  });

  test('a request goes on when its adapter is unloaded meanwhile', async () => {
    const { engine, adapters } = tested();
    const adapter = adapters.fitting.at(-1)!;
    await engine.load(adapter);
    const long = { ...asked(), maxTokens: 60, adapter: adapter.hash };
    const undisturbed = await ask(engine, long);
    const ids: number[] = [];
    let isUnloaded = false;
    for await (const piece of engine.generate(question(long))) {
      ids.push(...piece.ids);
      if (isUnloaded) continue;
      isUnloaded = true;
      await engine.unload(adapter.hash);
      expect(engine.status().loaded).not.toContain(adapter.hash);
    }
    expect(ids).toEqual(undisturbed.ids);
  });
};
