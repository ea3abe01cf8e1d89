import { type ChildProcess, spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase } from '@openledger/db';
import type { TestDatabase } from '@openledger/db/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createWritableDatabase, newAccount } from './account.ts';
import { freePort } from './chain.ts';
import { manifest } from './client.ts';
import { post, send } from './raw.ts';

const contractsFile = join(tmpdir(), `openledger-api-secrets-${process.pid}.json`);
let database: TestDatabase;
let child: ChildProcess;
let url: string;
let log = '';
beforeAll(async () => {
  database = await createWritableDatabase(inject('seededUrl'));
  await writeFile(contractsFile, JSON.stringify(manifest));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  child = spawn(process.execPath, [new URL('../src/main.ts', import.meta.url).pathname], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: database.url,
      CHAIN_RPC_URL: 'http://127.0.0.1:1',
      CONTRACTS_FILE: contractsFile,
      API_PORT: String(port),
      API_SECRET: '5e'.repeat(32),
      LOG_LEVEL: 'debug',
    },
  });
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (data) => {
      log += data;
    });
  }
  const healthy = () =>
    send(`${url}/health`, { method: 'GET' }).then(
      ({ status }) => status === 200,
      () => false,
    );
  while (!(await healthy())) await sleep(100);
});
afterAll(async () => {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
  await rm(contractsFile);
  await database.drop();
});

test('tokens, keys and signatures are never in the log, not even at its most talkative or when things break', async () => {
  const account = newAccount();
  const ask = async (query: string, variables: object = {}, token?: string) => {
    const { body } = await post(url, { query, variables }, token ? { authorization: `Bearer ${token}` } : {});
    return JSON.parse(body) as { data: Record<string, unknown>; errors?: { extensions: { code: string } }[] };
  };
  const { message } = (await ask(`mutation { signInMessage(address: "${account.address}") { message } }`)).data
    .signInMessage as { message: string };
  const signature = await account.signMessage({ message });
  const signIn =
    'mutation($message: String!, $signature: Hex!) { signIn(message: $message, signature: $signature, cookie: true) { token } }';
  const { token } = (await ask(signIn, { message, signature })).data.signIn as { token: string };
  const createKey = 'mutation { createApiKey(name: "k", scopes: [READ]) { token } }';
  const { token: key } = (await ask(createKey, {}, token)).data.createApiKey as { token: string };

  // Used again, guessed, misspelt, sent where they do not belong.
  await ask(signIn, { message, signature });
  await ask(signIn, { message: token, signature });
  const guessed = `ols_${'g'.repeat(43)}`;
  await ask('{ me { address } }', {}, guessed);
  await ask(`{ datanet(id: "${key}") { id } }`);
  await ask('query($id: BigInt!) { datanet(id: $id) { id } }', { id: token });
  await ask('{ me { address } }', {}, key);
  await send(`${url}/graphql?query=${encodeURIComponent(`{ me { address } ${token} }`)}`, { method: 'GET' });

  // A statement that fails says what it was run with.
  const { sql, close } = createDatabase({ url: database.url, max: 1 });
  await sql`alter table app.api_key add constraint broken check (name <> 'broken')`;
  const broken = await ask('mutation { createApiKey(name: "broken", scopes: [READ]) { token } }', {}, token);
  expect(broken.errors).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
  await close();
  await expect.poll(() => log).toContain('query failed');

  for (const secret of [token, key, guessed, signature, '5e'.repeat(32)]) {
    expect(log.includes(secret.slice(6, 40)), secret.slice(0, 6)).toBe(false);
  }
  expect(log).toContain('params: not logged');
  expect(log).not.toMatch(/params: [^n]|"detail"/);
});
