import { beforeAll, describe, expect, test } from 'vitest';
import { graft, modulesOf, packBank, readAdapter } from '../../src/lora/index.ts';
import { inferShapes, readModelFile } from '../../src/onnx/index.ts';
import type { Engine } from '../../src/serving/index.ts';
import { openOnnxEngine } from '../../src/serving/onnx/index.ts';
import { float32, int64 } from '../../src/serving/onnx/tensors.ts';
import { exportFolder } from '../exportFolder.ts';
import { type Architecture, adapterFolder, modelPath, withSession } from '../reference.ts';
import { ask } from './ask.ts';

// Any export in a folder as Hugging Face lays it out is served; what is written is what whole runs of the plain graph write.

const decoders = ['gpt2', 'llama', 'qwen2'] as const satisfies readonly Architecture[];
/** Decoders and encoders are tested with all of them where they are made. */
const exporters = { gpt2: ['past', 'legacy'], llama: ['past', 'dynamo'], qwen2: ['past'] } as const;
const adapters = [undefined, 'plain', 'rslora'] as const;
const prompts = [[5, 17, 99, 3], [64], [100, 7, 7, 31, 90, 2, 44]] as const;
const maxTokens = 10;

const openFolder = async (architecture: Architecture, exporter: string) => {
  const { folder, remove } = await exportFolder(architecture, exporter);
  const lines: string[] = [];
  const options = { folder, threads: 1, rows: 8, queue: 8, maxRank: 8, providers: ['cpu'] };
  const engine = await openOnnxEngine({ ...options, onLine: (line) => lines.push(line) });
  const close = async () => {
    await engine.close();
    await remove();
  };
  return { engine, lines, close };
};

const load = async (engine: Engine, architecture: Architecture) => {
  const hashes = new Map<string | undefined, `0x${string}`>();
  for (const name of adapters) {
    if (name === undefined) continue;
    const folder = adapterFolder(architecture, name);
    const { hash } = await readAdapter(folder);
    await engine.load({ hash, folder });
    hashes.set(name, hash);
  }
  return hashes;
};

/** The likeliest continuation of each prompt with each adapter, by runs of the whole text without a past. */
const writtenByWholeRuns = async (architecture: Architecture): Promise<readonly (readonly number[])[]> => {
  const base = inferShapes(await readModelFile(modelPath(architecture, 'legacy')));
  const served = graft(base, { kind: 'bank', targets: modulesOf(base).map(({ name }) => name), rank: 8 });
  const names = adapters.filter((name) => name !== undefined);
  const bank = packBank(served, await Promise.all(names.map((name) => readAdapter(adapterFolder(architecture, name)))));
  const banks = Object.fromEntries([...bank.feeds].map(([name, { data, dims }]) => [name, float32(dims, data)]));
  return withSession(served.model, async (run) => {
    const written: number[][] = [];
    for (const slot of adapters.keys()) {
      for (const prompt of prompts) {
        const text: number[] = [...prompt];
        while (text.length < prompt.length + maxTokens) {
          const dims = [1, text.length];
          const { logits } = await run({
            ...banks,
            [served.slot]: int64([1], [slot]),
            input_ids: int64(dims, text),
            attention_mask: int64(
              dims,
              text.map(() => 1),
            ),
            position_ids: int64(dims, [...text.keys()]),
          });
          const last = (logits!.data as Float32Array).slice(-128);
          text.push(last.indexOf(Math.max(...last)));
        }
        written.push(text.slice(prompt.length));
      }
    }
    return written;
  });
};

describe.each(decoders)('%s', (architecture) => {
  let expected: readonly (readonly number[])[];
  beforeAll(async () => {
    expected = await writtenByWholeRuns(architecture);
  });

  test.each(
    exporters[architecture],
  )('by the %s exporter writes the same with and without adapters, all at once', async (exporter) => {
    const { engine, lines, close } = await openFolder(architecture, exporter);
    const hashes = await load(engine, architecture);
    const questions = adapters.flatMap((name) => prompts.map((prompt) => ({ prompt, adapter: hashes.get(name) })));
    const answers = await Promise.all(questions.map((asked) => ask(engine, { ...asked, maxTokens, ignoreEnd: true })));
    expect(answers.map(({ ids }) => ids)).toEqual(expected);
    expect(engine.info).toMatchObject({ backend: 'onnx-cpu', maxContext: 64, generates: true, embeds: false });
    expect(lines).toEqual([
      ...(exporter === 'past' ? [] : [expect.stringContaining('every token runs its whole text again')]),
      expect.stringMatching(/on cpu$/),
    ]);
    await close();
  });
});

test('BERT embeds texts with and without an adapter, and writes none', async () => {
  const { engine, close } = await openFolder('bert', 'features');
  const hashes = await load(engine, 'bert');
  const inputs = [
    [2, 50, 61, 3],
    [2, 9, 3],
  ];
  const plain = await engine.embed({ id: 'plain', adapter: undefined, inputs });
  const adapted = await engine.embed({ id: 'adapted', adapter: hashes.get('plain'), inputs });
  for (const vector of [...plain, ...adapted]) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  expect(adapted[0]).not.toEqual(plain[0]);
  expect(engine.info).toMatchObject({ backend: 'onnx-cpu', maxContext: 64, generates: false, embeds: true });
  await expect(ask(engine, {})).rejects.toThrow('This model makes embeddings and writes no texts');
  await close();
});
