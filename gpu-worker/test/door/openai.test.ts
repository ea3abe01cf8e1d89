import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Worker } from '../../src/serving/worker.ts';
import { clientOf, openStage, type Stage } from './stage.ts';

let stage: Stage;
let worker: Worker;

beforeAll(async () => {
  stage = await openStage(inject('postgresUrl'));
  worker = await stage.start({ WORKER_ACCESS: 'open' });
});
afterAll(async () => {
  await worker?.stop();
  await stage?.close();
});

const model = 'openledger/base';

test('models are listed, and one by its name', async () => {
  const openai = clientOf(worker);
  const { data } = await openai.models.list();
  expect(data).toMatchObject([{ id: model, object: 'model', owned_by: 'openledger' }]);
  expect(await openai.models.retrieve(model)).toEqual(data[0]);
});

test('a conversation is answered, whole and in pieces, with the same text for the same seed', async () => {
  const openai = clientOf(worker);
  const asked = {
    model,
    messages: [{ role: 'user' as const, content: 'How do I install it?' }],
    max_completion_tokens: 12,
    seed: 7,
  };
  const { data: whole, response } = await openai.chat.completions.create(asked).withResponse();
  expect(whole).toMatchObject({
    object: 'chat.completion',
    model,
    choices: [{ index: 0, message: { role: 'assistant', refusal: null }, logprobs: null }],
    usage: { completion_tokens: expect.any(Number) },
  });
  expect(response.headers.get('openledger-request-id')).toMatch(/^0x[0-9a-f]{64}$/);
  let text = '';
  let usage: unknown;
  const stream = await openai.chat.completions.create({
    ...asked,
    stream: true,
    stream_options: { include_usage: true },
  });
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    usage = chunk.usage ?? usage;
  }
  expect(text).toBe(whole.choices[0]!.message.content);
  expect(usage).toEqual(whole.usage);
});
