import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createApiServer, readConfig } from '../src/index.ts';
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
        "output": "DATABASE_URL must be a Postgres URL such as postgres://user:password@127.0.0.1:5432/openledger; special characters in it must be percent-encoded
      CHAIN_RPC_URL is missing: the URL of a node of the chain such as http://127.0.0.1:8545, several separated by commas
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
    output: `The database at postgres://me:***@127.0.0.1:${port}/x cannot be used: nothing answers there. Check the host and port in DATABASE_URL, and that the server runs.\n`,
  });
  const missing = inject('seededUrl').replace(/[^/]*$/, 'nowhere');
  expect((await run({ ...settings(), DATABASE_URL: missing })).output).toContain('there is no such database on it');
});

test.each([
  ['a web server', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['a server that never answers', () => {}],
])('says so within seconds when DATABASE_URL leads to %s', async (_what, answer) => {
  const other = createServer(answer).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const began = performance.now();
  const ended = await run({ ...settings(), DATABASE_URL: `postgres://me:secret@127.0.0.1:${port}/x` });
  other.close();
  expect(ended).toEqual({
    code: 1,
    output: `The database at postgres://me:***@127.0.0.1:${port}/x cannot be used: what answers there is not Postgres. Check the host and port in DATABASE_URL.\n`,
  });
  expect(performance.now() - began).toBeLessThan(20_000);
});

test('a user who may only read is enough', async () => {
  const admin = postgres(inject('seededUrl'), { max: 1 });
  await admin.unsafe("create role api_reader login password 'right'");
  await admin.unsafe('grant usage on schema chain to api_reader');
  await admin.unsafe('grant select on all tables in schema chain to api_reader');
  const url = new URL(inject('seededUrl'));
  Object.assign(url, { username: 'api_reader', password: 'right' });
  const server = await createApiServer(readConfig({ ...settings(), DATABASE_URL: url.href }));
  const answer = await fetch(`${server.url}/graphql?query={datanet(id:1){name}}`);
  expect(await answer.json()).toMatchObject({ data: { datanet: { name: 'Licences' } } });
  await server.stop();
  await admin.unsafe('drop owned by api_reader');
  await admin.unsafe('drop role api_reader');
  await admin.end();
});

test('says what is wrong with the manifest', async () => {
  expect((await run({ ...settings(), CONTRACTS_FILE: '/nowhere.json' })).output).toBe(
    'CONTRACTS_FILE /nowhere.json: cannot be read. Deploy the contracts first, or point CONTRACTS_FILE at a manifest.\n',
  );
  await writeFile(contractsFile, '{"chainId": "x", "contracts": {"Open": "0x12"}}');
  const { code, output } = await run(settings());
  expect(code).toBe(1);
  expect(output).toContain(`CONTRACTS_FILE ${contractsFile}: `);
  expect(output).toContain('contracts.Open');
  expect(output).toContain('must be decimal digits');
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
