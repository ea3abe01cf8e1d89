import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { readBase } from '../../src/base/index.ts';
import type { Worker } from '../../src/serving/worker.ts';
import { type Adapters, writeAdapters } from '../engine/adapters.ts';
import { type Emulator, startEmulator } from '../vllm/emulator.ts';
import { errorOf } from './errorOf.ts';
import { publish } from './published.ts';
import { clientOf, openStage, type Stage } from './stage.ts';

// A whole worker in front of vLLM answers as one that computes itself.

const folder = fileURLToPath(new URL('../../base', import.meta.url));
const messages = [{ role: 'user' as const, content: 'How do I install it?' }];
const names = ['openledger/base', 'typescript-tutor-1'];

let stage: Stage;
let adapters: Adapters;
let vllm: Emulator;
let workers: { readonly own: Worker; readonly before: Worker };

beforeAll(async () => {
  stage = await openStage(inject('postgresUrl'));
  adapters = await writeAdapters((await readBase(folder)).config, 1, 8);
  await publish(stage.connection, { id: 1n, name: 'TypeScript Tutor', adapter: adapters.fitting[0]! });
  vllm = await startEmulator({ folder, maxNumSeqs: 4, maxLoras: 2, maxLoraRank: 8 });
  const env = { WORKER_ACCESS: 'open', WORKER_MAX_RANK: '8' };
  workers = {
    own: await stage.start(env),
    before: await stage.start({ ...env, WORKER_ENGINE: 'vllm', VLLM_URL: vllm.url }),
  };
});
afterAll(async () => {
  await workers?.own.stop();
  await workers?.before.stop();
  await vllm?.close();
  await adapters?.remove();
  await stage?.close();
});

test.each(names)('%s answers with the same text, logprobs and usage', async (model) => {
  const asked = { model, messages, max_completion_tokens: 12, seed: 7, logprobs: true, top_logprobs: 3, stop: ['zzz'] };
  const [own, before] = await Promise.all(
    Object.values(workers).map((worker) => clientOf(worker).chat.completions.create(asked)),
  );
  expect(before!.choices).toEqual(own!.choices);
  expect(before!.usage).toEqual(own!.usage);
  let streamed = '';
  for await (const chunk of await clientOf(workers.before).chat.completions.create({ ...asked, stream: true })) {
    streamed += chunk.choices[0]?.delta.content ?? '';
  }
  expect(streamed).toBe(own!.choices[0]!.message.content);
});

test('what goes wrong at vLLM is said to be the server’s, and the next question is answered', async () => {
  const client = clientOf(workers.before);
  vllm.fail(500);
  expect((await errorOf(client.chat.completions.create({ model: names[0]!, messages }))).status).toBeGreaterThan(499);
  vllm.fail(undefined);
  const answer = await client.chat.completions.create({ model: names[0]!, messages, max_completion_tokens: 2 });
  expect(answer.usage?.completion_tokens).toBeGreaterThan(0);
});
