import { expect, test } from 'vitest';
import type { Sampling } from '../../src/serving/index.ts';
import { tolerance } from './answering.ts';
import { ask } from './ask.ts';
import type { Tested } from './conformance.ts';
import { belowBest, logSoftmax } from './truth.ts';

export const sampling = (tested: () => Tested): void => {
  const prompt = () => tested().base.tokenizer.encode('The function returns');

  test('the seed decides, and another gives another text', async () => {
    const { engine } = tested();
    const write = async (seed: number) =>
      (await ask(engine, { prompt: prompt(), maxTokens: 20, sampling: { temperature: 1, seed } })).text;
    const [first, again, other] = await Promise.all([write(1), write(1), write(2)]);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  test('one candidate leaves no choice, whatever the temperature', async () => {
    const { engine } = tested();
    const greedy = await ask(engine, { prompt: prompt() });
    for (const only of [{ topK: 1 }, { topP: 1e-6 }]) {
      const answer = await ask(engine, { prompt: prompt(), sampling: { temperature: 2, seed: 9, ...only } });
      expect(answer.ids).toEqual(greedy.ids);
    }
  });

  test('only candidates are taken: the likeliest so many, or the likeliest that reach the part', async () => {
    const { engine } = tested();
    const candidates = async (sampling: Partial<Sampling>, isOne: (logprobs: Float64Array, id: number) => boolean) => {
      const answer = await ask(engine, { prompt: prompt(), maxTokens: 30, ignoreEnd: true, sampling });
      const logits = await (await tested().truth()).logits(prompt(), answer.ids);
      for (const [at, id] of answer.ids.entries()) expect(isOne(logSoftmax(logits[at]!), id)).toBe(true);
    };
    const likelier = (logprobs: Float64Array, id: number) =>
      logprobs.filter((each) => each > logprobs[id]! + tolerance);
    await candidates({ temperature: 1.5, topK: 4, seed: 3 }, (logprobs, id) => likelier(logprobs, id).length < 4);
    await candidates({ temperature: 1, topP: 0.6, seed: 4 }, (logprobs, id) => {
      const before = likelier(logprobs, id).reduce((sum, each) => sum + Math.exp(each), 0);
      return before < 0.6 + tolerance;
    });
  });

  test('tokens come as often as the temperature says', async () => {
    const { engine } = tested();
    const count = 96;
    const [temperature, topK] = [0.8, 3];
    const answers = await Promise.all(
      Array.from({ length: count }, (_, seed) => seed).map((seed) =>
        limited(() =>
          ask(engine, {
            prompt: prompt(),
            maxTokens: 1,
            ignoreEnd: true,
            sampling: { temperature, topK, seed: seed * 7919 },
          }),
        ),
      ),
    );
    const [logits] = await (await tested().truth()).logits(prompt(), [0]);
    const order = [...logits!.keys()].sort((a, b) => logits![b]! - logits![a]!).slice(0, topK);
    const chances = logSoftmax(Float32Array.from(order, (id) => logits![id]! / temperature)).map(Math.exp);
    const deviation = order.reduce((sum, id, at) => {
      const expected = count * chances[at]!;
      return sum + (answers.filter(({ ids }) => ids[0] === id).length - expected) ** 2 / expected;
    }, 0);
    // χ² with two degrees of freedom is above this once in a thousand; the seeds are fixed.
    expect(deviation).toBeLessThan(13.8);
  });

  test('penalties and biases change what is likeliest, as the OpenAI API and transformers have them', async () => {
    const { engine } = tested();
    const own = prompt();
    for (const changed of [
      { presencePenalty: 1.5, frequencyPenalty: 0.7 },
      { presencePenalty: -2, frequencyPenalty: -1 },
      { repetitionPenalty: 1.6 },
      {
        logitBias: new Map([
          [own[1]!, 9],
          [own.at(-1)!, 9.5],
        ]),
        frequencyPenalty: 1,
      },
    ] satisfies Partial<Sampling>[]) {
      const answer = await ask(engine, { prompt: own, maxTokens: 24, ignoreEnd: true, sampling: changed, logprobs: 0 });
      const logits = await (await tested().truth()).logits(own, answer.ids);
      for (const [at, { id, logprob }] of answer.tokens!.entries()) {
        const adjusted = adjust(logits[at]!, changed, own, answer.ids.slice(0, at));
        expect(belowBest(adjusted, id), JSON.stringify(changed)).toBeLessThan(3 * tolerance);
        // Told is what the model said, before all this.
        expect(Math.abs(logprob - logSoftmax(logits[at]!)[id]!)).toBeLessThan(tolerance);
      }
    }
  });

  test('a bias makes a token certain, or impossible', async () => {
    const { engine } = tested();
    const [first] = (await ask(engine, { prompt: prompt(), maxTokens: 1 })).ids;
    const without = await ask(engine, {
      prompt: prompt(),
      maxTokens: 1,
      sampling: { logitBias: new Map([[first!, -100]]) },
    });
    expect(without.ids[0]).not.toBe(first);
    const only = { temperature: 1, seed: 5, logitBias: new Map([[77, 100]]) };
    expect((await ask(engine, { prompt: prompt(), maxTokens: 5, sampling: only })).ids).toEqual([77, 77, 77, 77, 77]);
  });

  let running: Promise<unknown>[] = [];
  /** At most 16 at once: no more than have places. */
  const limited = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    while (running.length >= 16) await Promise.race(running);
    const own = work();
    running.push(own);
    void own
      .finally(() => {
        running = running.filter((each) => each !== own);
      })
      .catch(() => {});
    return own;
  };
};

/** The formulas of the OpenAI API's reference, and of transformers for repetition. */
const adjust = (
  logits: Float32Array,
  { presencePenalty = 0, frequencyPenalty = 0, repetitionPenalty = 1, logitBias = new Map() }: Partial<Sampling>,
  prompt: readonly number[],
  answer: readonly number[],
): Float64Array => {
  const adjusted = Float64Array.from(logits);
  for (const id of new Set([...prompt, ...answer])) {
    adjusted[id]! = adjusted[id]! > 0 ? adjusted[id]! / repetitionPenalty : adjusted[id]! * repetitionPenalty;
  }
  for (const id of answer) adjusted[id]! -= frequencyPenalty;
  for (const id of new Set(answer)) adjusted[id]! -= presencePenalty;
  for (const [id, bias] of logitBias) adjusted[id]! += bias;
  return adjusted;
};
