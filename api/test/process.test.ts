import { type ChildProcess, spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { freePort } from './chain.ts';
import { manifest } from './client.ts';

const run = async (env: Record<string, string>) => {
  const child: ChildProcess = spawn(process.execPath, [new URL('../src/main.ts', import.meta.url).pathname], {
    env: { PATH: process.env.PATH, ...env },
  });
  let output = '';
  child.stderr?.on('data', (chunk) => {
    output += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { code, output };
};
const contractsFile = join(tmpdir(), `openledger-api-${process.pid}.json`);
beforeAll(() => writeFile(contractsFile, JSON.stringify(manifest)));
afterAll(() => rm(contractsFile));
const settings = () => ({
  DATABASE_URL: inject('seededUrl'),
  CHAIN_RPC_URL: 'http://127.0.0.1:1',
  CONTRACTS_FILE: contractsFile,
  API_PORT: '0',
  LOG_LEVEL: 'silent',
});

test('names each missing or wrong variable, and exits 1', async () => {
  expect(
    await run({ DATABASE_URL: 'mysql://x', API_PORT: '99999', CHAIN_RPC_URL: '', GRAPHIQL: 'yes' }),
  ).toMatchInlineSnapshot(`
      {
        "code": 1,
        "output": "DATABASE_URL must be a Postgres URL such as postgres://user:password@127.0.0.1:5432/openledger
      CHAIN_RPC_URL is missing: the HTTP URL of a node of the chain, such as http://127.0.0.1:8545
      CONTRACTS_FILE is missing: the path of the manifest that the deployment wrote
      API_PORT must be a port number such as 4000
      GRAPHIQL must be on or off
      ",
      }
    `);
});

test('says which port is busy', async () => {
  const port = await freePort();
  const other = createServer().listen(port, '127.0.0.1');
  expect(await run({ ...settings(), API_PORT: String(port) })).toEqual({
    code: 1,
    output: `Cannot listen on 127.0.0.1:${port}: another process listens there already. Stop it, or set API_PORT to another port.\n`,
  });
  other.close();
});

test('says that the database cannot be reached, without its password', async () => {
  const port = await freePort();
  expect(await run({ ...settings(), DATABASE_URL: `postgres://me:secret@127.0.0.1:${port}/x` })).toEqual({
    code: 1,
    output: `The database at postgres://me:***@127.0.0.1:${port}/x cannot be used: nothing listens there.\n`,
  });
  const missing = inject('seededUrl').replace(/[^/]*$/, 'nowhere');
  expect((await run({ ...settings(), DATABASE_URL: missing })).output).toContain('there is no such database on it');
});

test('says what is wrong with the manifest', async () => {
  expect((await run({ ...settings(), CONTRACTS_FILE: '/nowhere.json' })).output).toBe(
    'CONTRACTS_FILE /nowhere.json cannot be read: deploy the contracts first, or name their manifest.\n',
  );
  await writeFile(contractsFile, '{"chainId": "x", "contracts": {"Open": "0x12"}}');
  const { code, output } = await run(settings());
  expect(code).toBe(1);
  expect(output).toContain(`CONTRACTS_FILE ${contractsFile} is no deployment manifest`);
  expect(output).toContain('contracts.Open');
  await writeFile(contractsFile, JSON.stringify(manifest));
});

test('SIGTERM ends it with 0 after the requests under way', async () => {
  const port = await freePort();
  const child = spawn(process.execPath, [new URL('../src/main.ts', import.meta.url).pathname], {
    env: { PATH: process.env.PATH, ...settings(), API_PORT: String(port) },
    stdio: 'ignore',
  });
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await expect
    .poll(
      () =>
        fetch(`http://127.0.0.1:${port}/health`)
          .then(({ status }) => status)
          .catch(() => 0),
      { timeout: 20_000 },
    )
    .toBe(200);
  child.kill('SIGTERM');
  expect(await exit).toBe(0);
});
