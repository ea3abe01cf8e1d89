import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readBase } from '../../src/base/index.ts';
import { openOnnxEngine } from '../../src/serving/onnx/index.ts';
import { writeAdapters } from './adapters.ts';
import { askAll } from './ask.ts';

const base = fileURLToPath(new URL('../../base/', import.meta.url));

test('the shipped base, laid out as others lay theirs out, writes by its own graph what it writes by the one built for it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'export-'));
  await mkdir(join(folder, 'onnx'));
  for (const file of ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json']) {
    await cp(join(base, file), join(folder, file));
  }
  for (const file of ['model.onnx', 'model.onnx_data']) await cp(join(base, file), join(folder, 'onnx', file));
  const { config, tokenizer } = await readBase(base);
  const adapters = await writeAdapters(config, 3, 4);
  const questions = ['# Install\n\n', 'A promise', 'The server listens on the port that is given. '.repeat(8)].flatMap(
    (text) =>
      [undefined, ...adapters.fitting].map((adapter) => ({
        prompt: tokenizer.encode(text),
        adapter: adapter?.hash,
        ...{ maxTokens: 24, n: 2, ignoreEnd: true },
      })),
  );
  const answersOf = async (from: string) => {
    const engine = await openOnnxEngine({
      folder: from,
      ...{ threads: 1, rows: 24, queue: 24, maxRank: 4, providers: ['cpu'] },
    });
    for (const adapter of adapters.fitting) await engine.load(adapter);
    const answers = await Promise.all(questions.map((question) => askAll(engine, question)));
    await engine.close();
    return answers.map((choices) => choices.map(({ text, ids }) => ({ text, ids })));
  };
  expect(await answersOf(folder)).toEqual(await answersOf(base));
  await adapters.remove();
  await rm(folder, { recursive: true });
});
