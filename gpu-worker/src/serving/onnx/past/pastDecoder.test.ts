import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import {
  type Architecture,
  adapterFolder,
  exportsOf,
  floatsOf,
  modelPath,
  readTensors,
  referenceOf,
  relativeDifference,
  tensorOf,
} from '../../../../test/reference.ts';
import { readBase } from '../../../base/index.ts';
import { openSession } from '../../../factory/index.ts';
import { readAdapter } from '../../../lora/index.ts';
import { readModelFile } from '../../../onnx/index.ts';
import type { Decoder } from '../decoder.ts';
import { layOut, wholeAdapter } from '../layout.ts';
import { openPastDecoder } from './index.ts';

// Real exports of transformers' models, and the logits that PyTorch and peft give for them.

const decoders = ['gpt2', 'llama', 'qwen2'] as const satisfies readonly Architecture[];
const shippedBase = fileURLToPath(new URL('../../../../base', import.meta.url));
const vocabSize = 128;
const longest = 12;
const names = ['plain', 'rslora', 'patterns', 'all-linear'];

const open = async (architecture: Architecture, exporter: string) => {
  const lines: string[] = [];
  const decoder = await openPastDecoder({
    model: await readModelFile(modelPath(architecture, exporter)),
    ...{ capacity: 64, rows: 6, rank: 8 },
    open: (model) => openSession(model, { threads: 1 }),
    log: (line) => lines.push(line),
  });
  return { decoder, lines };
};

const textsOf = (architecture: Architecture): readonly (readonly number[])[] => {
  const reference = referenceOf(architecture);
  const ids = Array.from(tensorOf(reference, 'input_ids').data as BigInt64Array, Number);
  const mask = Array.from(tensorOf(reference, 'attention_mask').data as BigInt64Array, Number);
  return [0, 1, 2, 3].map((row) => {
    const at = (index: number) => row * longest + index;
    return [...Array(longest).keys()].filter((index) => mask[at(index)] === 1).map((index) => ids[at(index)]!);
  });
};

const rowLogits = (all: Float32Array, row: number, at: number) =>
  all.subarray((row * longest + at) * vocabSize, (row * longest + at + 1) * vocabSize);

/** Reads `began(row)` tokens of each text at once, and the others one by one, beside the other rows. */
const readAll = async (
  decoder: Decoder,
  texts: readonly (readonly number[])[],
  check: (row: number, at: number, logits: Float32Array) => void,
) => {
  for (const [row, text] of texts.entries()) {
    const logits = await decoder.run([{ row, tokens: text.slice(0, row + 1) }]);
    check(row, row, logits);
  }
  for (let step = 0; step < longest; step++) {
    const running = [...texts.keys()].filter((row) => decoder.lengthOf(row) < texts[row]!.length);
    if (running.length === 0) break;
    const logits = await decoder.run(running.map((row) => ({ row, tokens: [texts[row]![decoder.lengthOf(row)]!] })));
    for (const [index, row] of running.entries()) {
      check(row, decoder.lengthOf(row) - 1, logits.subarray(index * vocabSize, (index + 1) * vocabSize));
    }
  }
};

const cases = decoders.flatMap((architecture) =>
  exportsOf(architecture).map((exporter) => ({ architecture, exporter })),
);

describe.each(cases)('$architecture by the $exporter exporter', async ({ architecture, exporter }) => {
  const { decoder, lines } = await open(architecture, exporter);
  afterAll(() => decoder.close());

  test('gives the logits of transformers for texts of different lengths, token by token', async () => {
    const expected = floatsOf(referenceOf(architecture), 'logits');
    for (const row of [0, 1, 2, 3]) decoder.begin(row, undefined);
    await readAll(decoder, textsOf(architecture), (row, at, logits) => {
      expect(relativeDifference(logits, rowLogits(expected, row, at))).toBeLessThan(1e-4);
    });
  });

  test('gives the logits of peft for another adapter in each row', async () => {
    const expected: Float32Array[] = [];
    for (const [row, name] of names.entries()) {
      const folder = adapterFolder(architecture, name);
      decoder.begin(row, layOut(await readAdapter(folder), decoder.layout));
      expected.push(floatsOf(readTensors(`${folder}/logits.safetensors`), 'logits'));
    }
    await readAll(decoder, textsOf(architecture), (row, at, logits) => {
      expect(relativeDifference(logits, rowLogits(expected[row]!, row, at)), names[row]).toBeLessThan(1e-4);
    });
  });

  test('says in the log that it is slow, where it is', () => {
    const slow = [expect.stringContaining('every token runs its whole text again')];
    expect(lines).toEqual(exporter === 'past' ? [] : slow);
  });
});

test('what a row computes is bit for bit the same alone and beside rows of other lengths and adapters', async () => {
  const { model, config } = await readBase(shippedBase);
  const decoder = await openPastDecoder({
    model,
    ...{ capacity: config.max_position_embeddings, rows: 6, rank: 4 },
    open: (own) => openSession(own, { threads: 2 }),
  });
  const tokens = (row: number, length: number) => Array.from({ length }, (_, at) => (at * 37 + row * 101) % 4_000);
  const adapters = [1, 2, 3, 4, 5, 6].map((seed) => wholeAdapter(decoder.layout, (at) => Math.sin(at * seed) / 50));
  const prompts = [3, 62, 130, 61, 250, 9].map((length, row) => tokens(row, length));
  const write = async (rows: readonly number[]) => {
    const written = new Map<number, Float32Array[]>();
    for (const row of rows) {
      decoder.begin(row, row === 0 ? undefined : adapters[row]);
      written.set(row, [(await decoder.run([{ row, tokens: prompts[row]! }])).slice()]);
    }
    for (let step = 0; step < 8; step++) {
      const logits = await decoder.run(rows.map((row) => ({ row, tokens: [step * 7 + row] })));
      for (const [index, row] of rows.entries()) {
        written.get(row)!.push(logits.slice(index * config.vocab_size, (index + 1) * config.vocab_size));
      }
    }
    return written;
  };
  const together = await write([0, 1, 2, 3, 4, 5]);
  for (const row of [0, 1, 2, 3, 4, 5]) {
    const alone = await write([row]);
    expect(
      together
        .get(row)!
        .every(
          (logits, step) =>
            Buffer.compare(Buffer.from(logits.buffer), Buffer.from(alone.get(row)![step]!.buffer)) === 0,
        ),
      `row ${row}`,
    ).toBe(true);
  }
  await decoder.close();
});
