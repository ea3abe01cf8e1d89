import { fileURLToPath } from 'node:url';
import type OpenAI from 'openai';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { readBase } from '../../src/base/index.ts';
import { outputHash, promptHash } from '../../src/serving/usage/hashes.ts';
import type { Worker } from '../../src/serving/worker.ts';
import { type Adapters, writeAdapters } from '../engine/adapters.ts';
import { errorOf } from './errorOf.ts';
import { publish } from './published.ts';
import type { InferenceRecord } from './records.ts';
import { recordOf } from './records.ts';
import { clientOf, openStage, type Stage } from './stage.ts';

const folder = fileURLToPath(new URL('../../base', import.meta.url));
const { config, tokenizer } = await readBase(folder);
const model = 'openledger/base';
const tutor = 'typescript-tutor-1';

let stage: Stage;
let adapters: Adapters;
let worker: Worker;
let openai: OpenAI;

beforeAll(async () => {
  stage = await openStage(inject('postgresUrl'));
  adapters = await writeAdapters(config, 2, 8);
  const [good] = adapters.fitting;
  await publish(stage.connection, { id: 1n, name: 'TypeScript Tutor', adapter: good! });
  await publish(stage.connection, { id: 2n, name: 'Broken', adapter: adapters.ofAnotherBase });
  await publish(stage.connection, { id: 3n, name: 'Priced', adapter: good!, inPer1k: 5n, outPer1k: 10n ** 18n });
  worker = await stage.start({ WORKER_ACCESS: 'open' });
  openai = clientOf(worker);
});
afterAll(async () => {
  await worker?.stop();
  await adapters?.remove();
  await stage?.close();
});

const messages = [{ role: 'user' as const, content: 'How do I install it?' }];

test('models are listed: the base, and adapters on it by name; one is found by each of its names', async () => {
  const { data } = await openai.models.list();
  expect(data).toMatchObject([
    { id: model, object: 'model', owned_by: 'openledger', root: model, parent: null },
    { id: tutor, object: 'model', created: 1_790_000_000, root: `${tutor}@1`, parent: model },
    { id: 'broken-2' },
    { id: 'priced-3', openledger: { modelId: '3', version: 1, inPer1k: '5', outPer1k: '1000000000000000000' } },
  ]);
  expect(await openai.models.retrieve(model)).toEqual(data[0]);
  expect(await openai.models.retrieve('1@1')).toMatchObject({ id: '1@1', root: `${tutor}@1` });
  expect(await errorOf(openai.models.retrieve('gpt-4'))).toMatchObject({ status: 404, code: 'model_not_found' });
});

test('a conversation is answered, whole and as it comes, with the same text for the same seed', async () => {
  const asked = { model: tutor, messages, max_completion_tokens: 12, seed: 7 };
  const { data: whole, response } = await openai.chat.completions.create(asked).withResponse();
  const [choice] = whole.choices;
  const prompt_tokens = whole.usage!.prompt_tokens;
  expect(whole).toEqual({
    id: expect.stringMatching(/^chatcmpl-/),
    object: 'chat.completion',
    created: expect.any(Number),
    model: `${tutor}@1`,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: expect.any(String), refusal: null },
        logprobs: null,
        finish_reason: choice!.finish_reason,
      },
    ],
    usage: { prompt_tokens, completion_tokens: expect.any(Number), total_tokens: whole.usage!.total_tokens },
  });
  const record = await recordOf(stage, response.headers.get('openledger-request-id'));
  expect(record).toMatchObject({
    state: 'answered',
    modelId: 1n,
    modelVersion: 1,
    adapterHash: adapters.fitting[0]!.hash,
    promptHash: promptHash(messages),
    outputHash: outputHash([choice!.message.content!]),
    inTokens: prompt_tokens,
    outTokens: whole.usage!.completion_tokens,
    finishReason: choice!.finish_reason,
    fee: 0n,
  } satisfies Partial<InferenceRecord>);

  const chunks: OpenAI.ChatCompletionChunk[] = [];
  const stream = await openai.chat.completions.create({
    ...asked,
    stream: true,
    stream_options: { include_usage: true },
  });
  for await (const chunk of stream) chunks.push(chunk);
  expect(chunks[0]).toMatchObject({ choices: [{ delta: { role: 'assistant', content: '' } }], usage: null });
  expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(choice!.message.content);
  expect(chunks.at(-2)!.choices).toMatchObject([{ delta: {}, finish_reason: choice!.finish_reason }]);
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
});

test('the client’s own helper reads the stream', async () => {
  const stream = openai.chat.completions.stream({ model, messages, max_tokens: 8, temperature: 0 });
  const final = await stream.finalChatCompletion();
  const whole = await openai.chat.completions.create({ model, messages, max_tokens: 8, temperature: 0 });
  expect(final.choices[0]!.message.content).toBe(whole.choices[0]!.message.content);
});

test('a text is gone on from, given as text or as tokens; several at once are each answered as alone', async () => {
  const asked = { model, max_tokens: 6, temperature: 0 };
  const texts = ['# Install', 'To use it,'];
  const alone = await Promise.all(texts.map((prompt) => openai.completions.create({ ...asked, prompt })));
  const several = await openai.completions.create({ ...asked, prompt: texts });
  expect(several.choices.map(({ text, index }) => [text, index])).toEqual(
    alone.map(({ choices }, index) => [choices[0]!.text, index]),
  );
  expect(several.usage!.prompt_tokens).toBe(alone[0]!.usage!.prompt_tokens + alone[1]!.usage!.prompt_tokens);
  const ids = await openai.completions.create({ ...asked, prompt: texts.map((text) => tokenizer.encode(text)) });
  expect(ids.choices).toEqual(several.choices);
  expect(several).toMatchObject({ id: expect.stringMatching(/^cmpl-/), object: 'text_completion', model });
});

test('several answers to one prompt are those of the seeds that follow each other', async () => {
  const asked = { model, messages, max_tokens: 8 };
  const three = await openai.chat.completions.create({ ...asked, n: 3, seed: 40 });
  const alone = await Promise.all([40, 41, 42].map((seed) => openai.chat.completions.create({ ...asked, seed })));
  expect(three.choices.map(({ message }) => message.content)).toEqual(
    alone.map(({ choices }) => choices[0]!.message.content),
  );
  expect(three.usage!.completion_tokens).toBe(alone.reduce((sum, { usage }) => sum + usage!.completion_tokens, 0));
  const texts = ['', '', ''];
  for await (const { choices } of await openai.chat.completions.create({ ...asked, n: 3, seed: 40, stream: true })) {
    for (const { index, delta } of choices) texts[index] += delta.content ?? '';
  }
  expect(texts).toEqual(three.choices.map(({ message }) => message.content));
});

test('an answer ends before a stop text, and goes on past its end when asked to', async () => {
  const asked = { model, prompt: '# Install\n\nTo', max_tokens: 16, temperature: 0 };
  const { text } = (await openai.completions.create(asked)).choices[0]!;
  const stop = text.slice(6, 9);
  const stopped = (await openai.completions.create({ ...asked, stop })).choices[0]!;
  expect(stopped).toMatchObject({ text: text.slice(0, text.indexOf(stop)), finish_reason: 'stop' });
  const on = await openai.completions.create({ ...asked, max_tokens: 60, ignore_eos: true } as typeof asked);
  expect(on.usage!.completion_tokens).toBe(60);
  expect(on.choices[0]!.finish_reason).toBe('length');
});

test('logarithms come in the form of each route, whole and as they come', async () => {
  const asked = { model, messages, max_tokens: 5, temperature: 0, logprobs: true, top_logprobs: 2 };
  const chat = await openai.chat.completions.create(asked);
  const { content } = chat.choices[0]!.logprobs!;
  expect(content).toHaveLength(chat.usage!.completion_tokens);
  expect(content![0]).toEqual({
    token: expect.any(String),
    logprob: content![0]!.top_logprobs[0]!.logprob,
    bytes: expect.any(Array),
    top_logprobs: [expect.objectContaining({ token: content![0]!.token }), expect.anything()],
  });
  expect(Buffer.from(content!.flatMap(({ bytes }) => bytes!)).toString()).toBe(chat.choices[0]!.message.content);
  const streamed: unknown[] = [];
  for await (const { choices } of await openai.chat.completions.create({ ...asked, stream: true })) {
    streamed.push(...(choices[0]?.logprobs?.content ?? []));
  }
  expect(streamed).toEqual(content);

  const text = await openai.completions.create({ model, prompt: 'See', max_tokens: 5, temperature: 0, logprobs: 2 });
  const { logprobs } = text.choices[0]!;
  expect(logprobs!.tokens!.join('')).toBe(text.choices[0]!.text);
  expect(logprobs!.token_logprobs).toHaveLength(5);
  expect(Object.values(logprobs!.top_logprobs![0]!)).toContain(logprobs!.token_logprobs![0]);
  expect(
    logprobs!.text_offset!.map((at, index) => text.choices[0]!.text.startsWith(logprobs!.tokens![index]!, at)),
  ).not.toContain(false);
});

test('penalties and biases change what is written', async () => {
  const asked = { model, prompt: 'a a a a', max_tokens: 12, temperature: 0 };
  const ids = async (more: object) =>
    (await openai.completions.create({ ...asked, ...more, logprobs: 0 })).choices[0]!.logprobs!.tokens!;
  const plain = await ids({});
  const penalised = await ids({ frequency_penalty: 2, presence_penalty: 2 });
  expect(new Set(penalised).size).toBeGreaterThan(new Set(plain).size);
  const [token] = tokenizer.encode('zebra', { withSpecial: false });
  expect(new Set(await ids({ logit_bias: { [`${token}`]: 100 } })).size).toBe(1);
});

test.each([
  [{ messages: undefined }, 'messages', 'is missing'],
  [{ messages: [] }, 'messages', 'at least one'],
  [{ messages: [{ role: 'robot', content: 'x' }] }, 'messages[0].role', 'must be one of'],
  [{ messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }, 'messages[0].content', 'only texts'],
  [{ model: '' }, 'model', 'must not be empty'],
  [{ temperature: 2.5 }, 'temperature', '2 or less'],
  [{ top_p: 0 }, 'top_p', 'more than 0'],
  [{ max_completion_tokens: 0 }, 'max_completion_tokens', '1 or more'],
  [{ max_tokens: 100_000 }, 'max_tokens', 'at most'],
  [{ n: 5 }, 'n', 'at most 4'],
  [{ seed: 1.5 }, 'seed', 'whole number'],
  [{ stop: [''] }, 'stop[0]', 'must not be empty'],
  [{ logit_bias: { '1': 101 } }, 'logit_bias.1', '100 or less'],
  [{ top_logprobs: 3 }, 'top_logprobs', 'logprobs is true'],
  [{ stream_options: { include_usage: true } }, 'stream_options', 'stream is true'],
  [{ tools: [{ type: 'function', function: { name: 'f' } }] }, 'tools', 'not supported'],
  [{ response_format: { type: 'json_object' } }, 'response_format', 'not supported'],
  [{ messages: [{ role: 'user', content: 'word '.repeat(600) }] }, 'messages', 'context holds'],
] as const)('nonsense is refused by field: %#, $1', async (wrong, param, message) => {
  const asked = { model, messages, ...wrong } as OpenAI.ChatCompletionCreateParamsNonStreaming;
  expect(await errorOf(openai.chat.completions.create(asked))).toMatchObject({
    status: 400,
    type: 'invalid_request_error',
    param,
    message: expect.stringContaining(message),
  });
});

test('echo is refused clearly, and what nobody knows is let be', async () => {
  expect(await errorOf(openai.completions.create({ model, prompt: 'x', echo: true }))).toMatchObject({
    status: 400,
    param: 'echo',
    code: 'unsupported_parameter',
  });
  const odd = { model, prompt: 'x', max_tokens: 1, user: 'me', store: false, unheard_of: { a: 1 } };
  expect((await openai.completions.create(odd)).usage!.completion_tokens).toBe(1);
});

test('an unknown model, a broken adapter and a base without embeddings are told apart', async () => {
  const asked = { messages, max_tokens: 2 };
  expect(await errorOf(openai.chat.completions.create({ ...asked, model: 'gpt-4' }))).toMatchObject({
    status: 404,
    param: 'model',
    code: 'model_not_found',
  });
  expect(await errorOf(openai.chat.completions.create({ ...asked, model: 'broken-2' }))).toMatchObject({
    status: 503,
    code: 'adapter_unavailable',
  });
  expect(await errorOf(openai.embeddings.create({ model, input: 'x' }))).toMatchObject({ status: 400, param: 'model' });
});

test('what has a price is there for everybody, and says who does not say who pays what is missing', async () => {
  expect(await errorOf(openai.completions.create({ model: 'priced-3', prompt: 'x' }))).toMatchObject({
    status: 401,
    code: 'payer_missing',
    message: expect.stringContaining('OpenLedger-Voucher'),
  });
});

test('what is no request is answered with an error in the same form', async () => {
  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${worker.url}/v1/completions`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });
  const said = async (response: Response) => [
    response.status,
    ((await response.json()) as { error: { code: string } }).error.code,
  ];
  expect(await said(await post('{'))).toEqual([400, 'invalid_json']);
  expect(await said(await post('[]'))).toEqual([400, null]);
  expect(await said(await post('{}', { 'content-encoding': 'gzip' }))).toEqual([415, 'unsupported_encoding']);
  expect(await said(await post(' '.repeat(5_000_000)))).toEqual([413, 'request_too_large']);
  expect(await said(await fetch(`${worker.url}/v1/nothing`))).toEqual([404, 'unknown_url']);
});

test('a page of another site may ask, and reads which request it was', async () => {
  const allowed = await fetch(`${worker.url}/v1/completions`, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://app.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,x-stainless-lang',
    },
  });
  expect(allowed.status).toBe(204);
  expect(allowed.headers.get('access-control-allow-headers')).toBe('authorization,x-stainless-lang');
  for (const stream of [true, false]) {
    const body = JSON.stringify({ model, prompt: 'x', max_tokens: 1, stream });
    const { headers } = await fetch(`${worker.url}/v1/completions`, { method: 'POST', body });
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-expose-headers')).toContain('OpenLedger-Request-Id');
  }
});

test('it is healthy and ready, and counts under vLLM’s names', async () => {
  expect(await (await fetch(`${worker.url}/health`)).json()).toEqual({ status: 'ok' });
  expect(await (await fetch(`${worker.url}/ready`)).json()).toEqual({
    ready: true,
    reason: null,
    settling: { settled: 0, waiting: {}, lost: {}, posted: 0, unposted: {}, finalised: 0, unfinal: {} },
    attributing: { attributed: 0, waiting: {} },
  });
  await openai.completions.create({ model: tutor, prompt: 'x', max_tokens: 3 });
  const text = await (await fetch(`${worker.url}/metrics`)).text();
  for (const name of [
    'vllm:num_requests_running',
    'vllm:num_requests_waiting',
    'vllm:kv_cache_usage_perc',
    'vllm:time_to_first_token_seconds_count',
    'vllm:inter_token_latency_seconds_sum',
    'vllm:e2e_request_latency_seconds_bucket',
    'vllm:prompt_tokens_total',
    'vllm:generation_tokens_total',
    'vllm:request_success_total',
    'vllm:lora_requests_info',
    'openledger:adapter_swaps_total',
    'openledger:adapters_found_loaded_total',
  ]) {
    expect(text).toMatch(new RegExp(`^${name}\\{`, 'm'));
  }
});
