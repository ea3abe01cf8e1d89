import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { signIn } from './account.ts';
import { freePort } from './chain.ts';
import { startApi, type TestApi } from './client.ts';
import { createIndex, type TestIndex } from './live.ts';
import { hash } from './world.ts';

let index: TestIndex;
let api: TestApi;
/** Inside the repository, so that the examples find their packages. */
let folder: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  folder = await mkdtemp(new URL('.docs-', import.meta.url).pathname);
  index = await createIndex();
  api = await startApi(index.url);
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }
});
afterAll(async () => {
  await api.stop();
  await index.drop();
  await rm(folder, { recursive: true });
});

const page = (name: string) => readFile(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8');
/** The first example of a page in a language. */
const example = async (name: string, language: string) => {
  const text = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'ms').exec(await page(name))?.[1];
  if (text === undefined) throw new Error(`docs/${name}.md has no example in ${language}`);
  return text;
};
/** Runs an example as its reader would; its lines as they come. */
async function run(command: string, file: string, source: string, env: Record<string, string>) {
  await writeFile(join(folder, file), source);
  const child = spawn(command, [join(folder, file)], { env: { PATH: process.env.PATH, ...env } });
  children.push(child);
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.resume();
  return { lines: () => output.split('\n').filter(Boolean), kill: () => child.kill('SIGKILL') };
}
const accepted = (contributionId: string) => ({ event: 'ContributionAccepted', subjectId: contributionId });
const listens = (port: number) =>
  expect
    .poll(
      () =>
        fetch(`http://127.0.0.1:${port}`).then(
          () => true,
          () => false,
        ),
      { timeout: 10_000 },
    )
    .toBe(true);

test('docs/live.md: the program follows, is told what was taken back, and goes on where it was killed', async () => {
  const source = await example('live', 'ts');
  const first = await run(process.execPath, 'follow.ts', source, { API_URL: api.url });
  const last = (lines: string[]) => JSON.parse(lines.at(-1) ?? '{}') as { after: string; accepted: string[] };
  await expect
    .poll(async () => (await (await fetch(`${api.url}/metrics`)).text()).includes('openledger_api_subscriptions 1'), {
      timeout: 10_000,
    })
    .toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await index.block(1, [accepted('1'), {}]);
  await index.block(2, [accepted('2')]);
  await expect.poll(() => last(first.lines()).accepted, { timeout: 10_000 }).toEqual(['1', '2']);
  await index.revert(1);
  await index.block(2, [{ ...accepted('3'), txHash: hash(9) }]);
  await expect.poll(() => last(first.lines()).accepted, { timeout: 10_000 }).toEqual(['1', '3']);
  first.kill();
  await index.block(3, [accepted('4')]);
  const second = await run(process.execPath, 'again.ts', source, {
    API_URL: api.url,
    AFTER: last(first.lines()).after,
  });
  await expect.poll(() => last(second.lines()).accepted, { timeout: 10_000 }).toEqual(['4']);
});

test('docs/live.md: the command tells what happens', async () => {
  const command = (await example('live', 'sh')).replace('http://127.0.0.1:4000', api.url);
  const curl = await run('sh', 'try.sh', command, {});
  await expect.poll(() => curl.lines().join('\n'), { timeout: 10_000 }).toMatch(/^:/m);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await index.block(4, [accepted('5')]);
  await expect
    .poll(() => curl.lines().join('\n'), { timeout: 10_000 })
    .toMatch(/event: next\nid: \S+\ndata: .*"subjectId":"5"/);
});

const hasPython = spawnSync('python3', ['--version']).status === 0;
test.each([
  ['ts', process.execPath, true],
  ['python', 'python3', hasPython],
])('docs/webhooks.md: the receiver in %s takes what is signed, and nothing else', async (language, command, isThere) => {
  if (!isThere) return;
  const { data } = await signIn(api);
  const port = await freePort();
  const mutation = (await example('webhooks', 'graphql')).replace(
    'https://app.example/hooks/openledger',
    `http://127.0.0.1:${port}/`,
  );
  const { createWebhook } = await data<{ createWebhook: { secret: string; webhook: { id: string } } }>(mutation);
  const { secret, webhook } = createWebhook;
  const source = await example('webhooks', language);
  const receiver = await run(command, `receive.${language}`, source, { PORT: String(port), WEBHOOK_SECRET: secret });
  await listens(port);
  const forged = await fetch(`http://127.0.0.1:${port}/`, {
    method: 'POST',
    headers: {
      'webhook-id': 'x',
      'webhook-timestamp': `${Math.floor(Date.now() / 1000)}`,
      'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}`,
    },
    body: '{"type":"Forged"}',
  });
  expect(forged.status).toBe(401);
  await data('mutation($id: ID!) { testWebhook(id: $id) { id } }', { id: webhook.id });
  await expect.poll(() => receiver.lines(), { timeout: 10_000 }).toEqual(['Test']);
  const deliveries = /^```graphql\n(query.*?)^```/ms.exec(await page('webhooks'))![1]!;
  await expect
    .poll(
      async () =>
        (await data<{ webhookDeliveries: { nodes: object[] } }>(deliveries, { id: webhook.id })).webhookDeliveries
          .nodes[0],
      { timeout: 10_000 },
    )
    .toMatchObject({ type: 'Test', state: 'SENT', attempts: 1, responseStatus: 204, error: null });
  await data('mutation($id: ID!) { deleteWebhook(id: $id) }', { id: webhook.id });
});
