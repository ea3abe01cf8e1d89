import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { scratchDir } from './scratch.ts';

const start = fileURLToPath(new URL('../src/start.ts', import.meta.url));

/** Runs npm start's program until it ends. */
function run(env: Record<string, string>): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [start], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stderr })));
}

test('malformed settings are named, all at once', async () => {
  const env = {
    OPENLEDGER_STATE_DIR: scratchDir(),
    API_PORT: 'four',
    DATABASE_URL: 'mysql://here',
    OPENLEDGER_SCENARIO: 'yes',
  };
  expect(await run(env)).toEqual({
    code: 1,
    stderr: `DATABASE_URL must be a Postgres URL, for example postgres://user:password@127.0.0.1:5432/openledger
API_PORT must be a port number, for example 4000
OPENLEDGER_SCENARIO must be on or off
`,
  });
});

test('a busy port is named with the variable that moves it', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  expect(await run({ OPENLEDGER_STATE_DIR: scratchDir(), API_PORT: String(port) })).toEqual({
    code: 1,
    stderr: `Port ${port}, meant for the API, is taken by another program. Stop that program, or choose another port: API_PORT=${port + 1} npm start\n`,
  });
});

test('a state folder that cannot be written is named', async () => {
  const file = join(scratchDir(), 'file');
  writeFileSync(file, '');
  const folder = join(file, 'state');
  expect(await run({ OPENLEDGER_STATE_DIR: folder })).toEqual({
    code: 1,
    stderr: `The state folder ${folder} cannot be written (ENOTDIR). Make it writable, or set OPENLEDGER_STATE_DIR to another folder.\n`,
  });
});

test('a state folder in use is not shared, one left by a crash is taken over', async () => {
  const folder = scratchDir();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'lock'), String(process.pid));
  expect(await run({ OPENLEDGER_STATE_DIR: folder })).toEqual({
    code: 1,
    stderr: `The state folder ${folder} is in use by process ${process.pid}. Stop that one, or set OPENLEDGER_STATE_DIR to another folder.\n`,
  });
});
