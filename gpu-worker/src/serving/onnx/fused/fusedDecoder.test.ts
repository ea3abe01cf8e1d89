import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleConfig, referenceWeights } from '../../../base/example.fixture.ts';
import { begin } from '../../../base/generate.ts';
import { servingModel } from '../../../base/index.ts';
import { createRandom, openSession } from '../../../factory/index.ts';
import { graft, modulesOf, packBank } from '../../../lora/index.ts';
import { largestDifference, randomAdapter } from '../../../lora/testing.ts';
import { inferShapes } from '../../../onnx/index.ts';
import type { Decoder } from '../decoder.ts';
import { layOut } from '../layout.ts';
import { openFusedDecoder } from './fusedDecoder.ts';

// Long enough to need several sizes of the cache.
const config = { ...exampleConfig, max_position_embeddings: 200 };
const weights = await referenceWeights();
const rows = 6;

const exported = servingModel(config, weights);
const modules = modulesOf(exported).filter(({ name }) => name !== 'lm_head');
const adapters = [1, 2, 3].map((seed) =>
  randomAdapter({
    seed: `adapter ${seed}`,
    rank: seed,
    modules: Object.fromEntries(modules.map(({ name, in: inputs, out }) => [name, [inputs, out] as const])),
  }),
);

const tokensOf = (seed: number, length: number): number[] => {
  const random = createRandom(seed);
  return Array.from({ length }, () => random.below(config.vocab_size));
};

/** The longest text that is read at once; the same everywhere, as in the engine. */
const chunk = 64;

const read = async (decoder: Decoder, row: number, tokens: readonly number[]): Promise<Float32Array> => {
  let logits = new Float32Array(0);
  for (let at = 0; at < tokens.length; at += chunk) {
    logits = (await decoder.run([{ row, tokens: tokens.slice(at, at + chunk) }])).slice();
  }
  return logits;
};

let decoder: Decoder;
let laid: readonly (Float32Array | undefined)[];
beforeAll(async () => {
  decoder = await openFusedDecoder({ config, weights }, { rows, rank: 3, threads: 1 });
  laid = [undefined, ...adapters.map((adapter) => layOut(adapter, decoder.layout))];
});
afterAll(() => decoder.close());

describe('a decoder whose rows keep what they have seen', () => {
  it.each([0, 1, 2, 3])('gives the logits of an export with adapter %i in its bank', async (which) => {
    const banked = graft(inferShapes(exported), { kind: 'bank', targets: modules.map(({ name }) => name), rank: 3 });
    const bank = packBank(banked, adapters);
    const session = await openSession(banked.model, { threads: 1 });
    const { ort } = await import('../../../factory/index.ts');
    const tokens = tokensOf(which, 150);
    const feeds = {
      ...begin(config, [tokens], tokens.length),
      [banked.slot]: new ort.Tensor('int64', BigInt64Array.of(BigInt(which)), [1]),
      ...Object.fromEntries(
        [...bank.feeds].map(([name, { data, dims }]) => [name, new ort.Tensor('float32', data, dims)]),
      ),
    };
    const all = (await session.run(feeds, ['logits'])).logits!.data as Float32Array;
    await session.release();
    decoder.begin(2, laid[which]);
    for (const [from, to] of [
      [0, 64],
      [64, 130],
      [130, 149],
      [149, 150],
    ] as const) {
      const logits = await decoder.run([{ row: 2, tokens: tokens.slice(from, to) }]);
      const expected = all.subarray((to - 1) * config.vocab_size, to * config.vocab_size);
      expect(largestDifference(logits, expected)).toBeLessThan(2e-5);
    }
    expect(decoder.lengthOf(2)).toBe(150);
  });

  it('computes bit for bit the same in any row, beside anything, whatever happened before', async () => {
    type Text = { readonly tokens: readonly number[]; readonly adapter: number };
    /** What a text gives alone: read in chunks up to `from`, then token by token. */
    const alone = async (text: Text, from: number): Promise<readonly Float32Array[]> => {
      for (let row = 0; row < rows; row++) decoder.truncate(row, 0);
      decoder.begin(0, laid[text.adapter]);
      const logits = [await read(decoder, 0, text.tokens.slice(0, from))];
      for (const token of text.tokens.slice(from))
        logits.push((await decoder.run([{ row: 0, tokens: [token] }])).slice());
      return logits;
    };
    const lane = fc.record({
      length: fc.integer({ min: 1, max: 180 }),
      adapter: fc.nat(3),
      delay: fc.nat(4),
      steps: fc.integer({ min: 1, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(rows - 1), { minLength: 2 }),
        fc.array(lane, { minLength: rows, maxLength: rows }),
        async (order, lanes) => {
          const texts = lanes.map(({ length, adapter, steps }, index) => ({
            tokens: tokensOf(index * 1_000 + length, length + steps),
            adapter,
          }));
          const expected = [];
          for (const row of order) expected.push(await alone(texts[row]!, lanes[row]!.length));
          for (let row = 0; row < rows; row++) decoder.truncate(row, 0);
          const heard = order.map((): Float32Array[] => []);
          for (let time = 0; time < 12; time++) {
            for (const [index, row] of order.entries()) {
              if (lanes[row]!.delay !== time) continue;
              decoder.begin(row, laid[texts[row]!.adapter]);
              heard[index]!.push(await read(decoder, row, texts[row]!.tokens.slice(0, lanes[row]!.length)));
            }
            const writing = order
              .map((row, index) => ({ row, index }))
              .filter(({ row, index }) => heard[index]!.length > 0 && heard[index]!.length <= lanes[row]!.steps)
              .sort((a, b) => a.row - b.row);
            if (writing.length === 0) continue;
            const logits = await decoder.run(
              writing.map(({ row, index }) => ({
                row,
                tokens: [texts[row]!.tokens[lanes[row]!.length - 1 + heard[index]!.length]!],
              })),
            );
            for (const [place, { row, index }] of writing.entries()) {
              heard[index]!.push(logits.slice(place * config.vocab_size, (place + 1) * config.vocab_size));
              if (heard[index]!.length > lanes[row]!.steps) decoder.truncate(row, 0);
            }
          }
          expect(heard).toEqual(expected);
        },
      ),
      { numRuns: 12, seed: 6 },
    );
  });

  it('goes on from a copy of another row as from itself', async () => {
    const tokens = tokensOf(9, 90);
    decoder.begin(1, laid[2]);
    await read(decoder, 1, tokens);
    decoder.copy(1, 4);
    decoder.truncate(4, 70);
    decoder.truncate(1, 70);
    const [next] = tokensOf(10, 1);
    const logits = (await decoder.run([{ row: 1, tokens: [next!] }])).slice();
    expect(await decoder.run([{ row: 4, tokens: [next!] }])).toEqual(logits);
    expect([1, 4].map(decoder.lengthOf)).toEqual([71, 71]);
  });
});
