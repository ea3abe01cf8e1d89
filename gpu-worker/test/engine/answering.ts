import { expect, test } from 'vitest';
import { type Answer, ask, askAll, type Question } from './ask.ts';
import type { Tested } from './conformance.ts';
import { belowBest, logSoftmax } from './truth.ts';

/** Sums in another order differ by so much, in logits and logarithms. */
export const tolerance = 2e-3;

const texts = [
  '# Install',
  'To use it',
  'The function returns',
  'const value =',
  'npm run',
  'See also',
  'A list of',
  'Note that',
];

export const answering = (tested: () => Tested): void => {
  const prompt = (text: string) => tested().base.tokenizer.encode(text);

  test('the likeliest answer and its logarithms are the graph’s own, for the base and for adapters', async () => {
    const { engine, base, adapters } = tested();
    const given = await Promise.all(
      [undefined, ...adapters.fitting.slice(0, 4)].map(async (adapter) => {
        const asked = { prompt: prompt('# Install\n\nTo'), adapter: adapter?.hash, logprobs: 3, ignoreEnd: true };
        return { adapter, asked, answer: await ask(engine, asked) };
      }),
    );
    expect(new Set(given.map(({ answer }) => answer.text)).size).toBe(given.length);
    for (const { adapter, asked, answer } of given) {
      const truth = await tested().truth(adapter?.adapter);
      const logits = await truth.logits(asked.prompt, answer.ids);
      expect(answer.ids).toHaveLength(16);
      for (const [at, token] of answer.tokens!.entries()) {
        const own = logSoftmax(logits[at]!);
        expect(belowBest(own, token.id)).toBeLessThan(tolerance);
        expect(Math.abs(token.logprob - own[token.id]!)).toBeLessThan(tolerance);
        expect(token.bytes).toEqual(base.tokenizer.bytesOf(token.id));
        expect(token.top).toHaveLength(3);
        const best = [...own].sort((a, b) => b - a);
        for (const [place, top] of token.top.entries()) {
          expect(Math.abs(top.logprob - own[top.id]!)).toBeLessThan(tolerance);
          expect(Math.abs(top.logprob - best[place]!)).toBeLessThan(tolerance);
          expect(top.bytes).toEqual(base.tokenizer.bytesOf(top.id));
        }
        expect(new Set(token.top.map(({ id }) => id)).size).toBe(3);
      }
      expect(Buffer.concat(answer.tokens!.map(({ bytes }) => bytes)).toString()).toBe(answer.text);
    }
  });

  test('the same text whatever else is answered: 16 requests alone and at once, bit for bit', async () => {
    const { engine, adapters } = tested();
    const questions = Array.from(
      { length: 16 },
      (_, at): Question => ({
        prompt: prompt(`${texts[at % texts.length]} ${'and '.repeat((at * 7) % 23)}the`),
        adapter: [undefined, ...adapters.fitting.slice(0, 5)][at % 6]?.hash,
        maxTokens: 8 + ((at * 5) % 20),
        logprobs: 2,
        sampling: at % 4 === 3 ? { temperature: 0.9, topP: 0.95, seed: at } : {},
      }),
    );
    const alone: Answer[] = [];
    for (const each of questions) alone.push(await ask(engine, each));
    const together = await Promise.all(questions.map((each) => ask(engine, each)));
    const whole = ({ text, ids, tokens, finish }: Answer) => ({ text, ids, tokens, finish });
    expect(together.map(whole)).toEqual(alone.map(whole));
  });

  test('several answers are those that their seeds give alone', async () => {
    const { engine, adapters } = tested();
    const asked = { prompt: prompt('Note that'), adapter: adapters.fitting[1]!.hash, maxTokens: 12 };
    const several = await askAll(engine, { ...asked, n: 3, sampling: { temperature: 1, seed: 40 } });
    const single = await Promise.all(
      [40, 41, 42].map((seed) => ask(engine, { ...asked, sampling: { temperature: 1, seed } })),
    );
    expect(several.map(({ text }) => text)).toEqual(single.map(({ text }) => text));
    expect(new Set(several.map(({ text }) => text)).size).toBe(3);
  });

  test('pieces come while it is written, and together are the text', async () => {
    const { engine, base } = tested();
    const { pieces, text, ids } = await ask(engine, { prompt: prompt('# Install'), maxTokens: 24, ignoreEnd: true });
    expect(pieces.length).toBeGreaterThan(3);
    expect(ids).toHaveLength(24);
    expect(text).toBe(base.tokenizer.decode(ids));
  });

  test('a prompt of many tokens is answered as by one run, and prompt and answer may fill the context', async () => {
    const { engine, adapters } = tested();
    const { hash, adapter } = adapters.fitting[2]!;
    const long = prompt('A line of text that says little. '.repeat(200)).slice(0, engine.info.maxContext - 4);
    expect(long).toHaveLength(engine.info.maxContext - 4);
    const answer = await ask(engine, { prompt: long, adapter: hash, maxTokens: 4, ignoreEnd: true, logprobs: 0 });
    expect(answer.finish).toBe('length');
    expect(answer.ids).toHaveLength(4);
    const truth = await tested().truth(adapter);
    const logits = await truth.logits(long, answer.ids);
    for (const [at, { id, logprob, top }] of answer.tokens!.entries()) {
      expect(Math.abs(logprob - logSoftmax(logits[at]!)[id]!)).toBeLessThan(tolerance);
      expect(belowBest(logits[at]!, id)).toBeLessThan(tolerance);
      expect(top).toEqual([]);
    }
  });
};
