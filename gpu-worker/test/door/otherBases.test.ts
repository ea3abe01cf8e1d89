import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { adapterHash } from '../../src/lora/index.ts';
import { exportFolder } from '../exportFolder.ts';
import { type Architecture, adapterFolder } from '../reference.ts';
import { errorOf } from './errorOf.ts';
import { publish } from './published.ts';
import { recordOf } from './records.ts';
import { clientOf, openStage, type Stage } from './stage.ts';

// Workers whose base is a stranger's export, asked by the official client.

let stage: Stage;

beforeAll(async () => {
  stage = await openStage(inject('postgresUrl'));
  for (const [id, architecture] of [
    [1n, 'bert'],
    [2n, 'qwen2'],
  ] as const) {
    const folder = adapterFolder(architecture, 'plain');
    await publish(stage.connection, { id, name: architecture, adapter: { folder, hash: await adapterHash(folder) } });
  }
});
afterAll(() => stage?.close());

const workerOn = async (architecture: Architecture, exporter: string) => {
  const { folder, remove } = await exportFolder(architecture, exporter);
  const worker = await stage.start({ WORKER_ACCESS: 'open', WORKER_BASE: folder });
  const stop = async () => {
    await worker.stop();
    await remove();
  };
  return { openai: clientOf(worker), stop };
};

test('an encoder gives embeddings, by the base and by an adapter, as numbers and as their bytes', async () => {
  const { openai, stop } = await workerOn('bert', 'features');
  const input = ['ab ac', 'b'];
  const { data: answer, response } = await openai.embeddings.create({ model: 'openledger/base', input }).withResponse();
  expect(answer).toMatchObject({ object: 'list', model: 'openledger/base' });
  expect(answer.data.map(({ index, embedding }) => [index, embedding.length, Math.hypot(...embedding)])).toEqual([
    [0, 32, expect.closeTo(1, 5)],
    [1, 32, expect.closeTo(1, 5)],
  ]);
  const { prompt_tokens: inTokens } = answer.usage;
  expect(await recordOf(stage, response.headers.get('openledger-request-id'))).toMatchObject({
    state: 'answered',
    inTokens,
    outTokens: 0,
  });
  const numbers = await openai.embeddings.create({ model: 'openledger/base', input, encoding_format: 'float' });
  expect(numbers.data).toEqual(answer.data);
  const adapted = await openai.embeddings.create({ model: 'bert-1', input });
  expect(adapted.data[0]!.embedding).not.toEqual(answer.data[0]!.embedding);
  const chat = openai.completions.create({ model: 'openledger/base', prompt: 'ab' });
  expect(await errorOf(chat)).toMatchObject({ status: 400, param: 'model' });
  const refused = (more: object) =>
    errorOf(openai.embeddings.create({ model: 'openledger/base', input: 'ab', ...more }));
  expect(await refused({ input: [[1], [500]] })).toMatchObject({ status: 400, param: 'input' });
  expect(await refused({ input: [] })).toMatchObject({ status: 400, param: 'input' });
  expect(await refused({ input: 'ab '.repeat(5_000) })).toMatchObject({ code: 'context_length_exceeded' });
  expect(await refused({ dimensions: 3 })).toMatchObject({ status: 400, param: 'dimensions' });
  await stop();
});

test('a decoder of another family writes, by the base and by an adapter', async () => {
  const { openai, stop } = await workerOn('qwen2', 'past');
  const asked = { prompt: [5, 17, 99], max_tokens: 6, temperature: 0, logprobs: 1 };
  const plain = await openai.completions.create({ ...asked, model: 'openledger/base' });
  const adapted = await openai.completions.create({ ...asked, model: 'qwen2-2' });
  expect(plain.usage).toEqual({ prompt_tokens: 3, completion_tokens: 6, total_tokens: 9 });
  expect(adapted.choices[0]!.logprobs).not.toEqual(plain.choices[0]!.logprobs);
  await stop();
});
