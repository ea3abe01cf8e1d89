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
import { readAdapter } from '../../../lora/index.ts';
import { type Model, type Node, readModelFile, replaceUses, type ValueInfo } from '../../../onnx/index.ts';
import type { Decoder } from '../decoder.ts';
import { layOut } from '../layout.ts';
import { openOn } from '../providers/index.ts';
import { openPastDecoder } from './index.ts';

// Real exports of transformers' models, and the logits that PyTorch and peft give for them.

const decoders = ['gpt2', 'llama', 'qwen2'] as const satisfies readonly Architecture[];
const _shippedBase = fileURLToPath(new URL('../../../../base', import.meta.url));
const vocabSize = 128;
const longest = 12;
const names = ['plain', 'rslora', 'patterns', 'all-linear'];

const open = async (architecture: Architecture, exporter: string) => {
  const lines: string[] = [];
  const decoder = await openPastDecoder({
    model: await readModelFile(modelPath(architecture, exporter)),
    ...{ capacity: 64, rows: 6, rank: 8 },
    open: openOn({ provider: 'cpu', threads: 1 }),
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

/** The same export with keys and values in 16 bits, which does not append in the manner that is known. */
const withHalfPast = (model: Model): Model => {
  const { graph } = model;
  const cast = (from: string, to: string, type: 'float16' | 'float32'): Node => ({
    ...{ name: to, op: 'Cast', domain: '', inputs: [from], outputs: [to] },
    attributes: new Map([['to', { kind: 'int', value: type === 'float16' ? 10 : 1 }]]),
  });
  const isPast = (name: string) => name.startsWith('past_key_values.');
  const pasts = graph.inputs.filter(({ name }) => isPast(name));
  const presents = graph.outputs.filter(({ name }) => name.startsWith('present.'));
  const wide = (name: string) => `${name}.wide`;
  const half = (value: ValueInfo): ValueInfo => ({ ...value, type: 'float16' });
  const renamed = replaceUses(graph, new Map(pasts.map(({ name }) => [name, wide(name)])));
  const names = new Map(presents.map(({ name }) => [name, wide(name)]));
  const nodes = replaceUses(renamed, names).nodes.map((node) => ({
    ...node,
    outputs: node.outputs.map((output) => names.get(output) ?? output),
  }));
  return {
    ...model,
    graph: {
      ...graph,
      values: new Map(),
      inputs: graph.inputs.map((input) => (isPast(input.name) ? half(input) : input)),
      outputs: graph.outputs.map((output) => (names.has(output.name) ? half(output) : output)),
      nodes: [
        ...pasts.map(({ name }) => cast(name, wide(name), 'float32')),
        ...nodes,
        ...presents.map(({ name }) => cast(wide(name), name, 'float16')),
      ],
    },
  };
};

test('keys and values in 16 bits, that come out whole, go on as well as those in 32', async () => {
  const model = withHalfPast(await readModelFile(modelPath('llama', 'past')));
  const decoder = await openPastDecoder({
    model,
    ...{ capacity: 64, rows: 4, rank: 8 },
    open: openOn({ provider: 'cpu', threads: 1 }),
  });
  const expected = floatsOf(referenceOf('llama'), 'logits');
  for (const row of [0, 1, 2, 3]) decoder.begin(row, undefined);
  await readAll(decoder, textsOf('llama'), (row, at, logits) => {
    // 11 bits of each key and value are left.
    expect(relativeDifference(logits, rowLogits(expected, row, at))).toBeLessThan(5e-3);
  });
  await decoder.close();
});
