import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { escrowAccount } from '@openledger/db/chain';
import type { Hex } from '@openledger/protocol';
import { Wallet } from 'ethers';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { readBase } from '../../src/base/index.ts';
import type { Worker } from '../../src/serving/worker.ts';
import { type Adapters, writeAdapters } from '../engine/adapters.ts';
import { newKey } from './keys.ts';
import { publish } from './published.ts';
import { hash, openStage, type Stage } from './stage.ts';

const run = promisify(execFile);
const room = join(import.meta.dirname, '../..');
const page = await readFile(join(room, '../docs/serving.md'), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, code]) => code!);

const payer = new Wallet(Wallet.createRandom().privateKey);
let stage: Stage;
let adapters: Adapters;
let worker: Worker;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  stage = await openStage(inject('postgresUrl'));
  adapters = await writeAdapters((await readBase(join(room, 'base'))).config, 2, 8);
  const [tutor, priced] = adapters.fitting;
  await publish(stage.connection, { id: 1n, name: 'TypeScript Tutor', adapter: tutor! });
  await publish(stage.connection, { id: 2n, name: 'Rust Tutor', adapter: priced!, inPer1k: 10n ** 15n });
  const account = payer.address.toLowerCase() as Hex;
  await stage.connection.db.insert(escrowAccount).values({
    ...{ account, balance: 10n ** 18n, deposited: 0n, spent: 0n, withdrawn: 0n, pendingWithdrawal: 0n },
    ...{ withdrawableAt: 0n, earned: 0n, earningsWithdrawn: 0n },
    ...{ createdBlock: 1n, createdAt: 1n, createdTx: hash(1), updatedBlock: 1n, updatedAt: 1n },
  });
  worker = await stage.start();
  const { token } = await newKey(stage, account);
  env = { PATH: process.env.PATH, API_KEY: token, PRIVATE_KEY: payer.privateKey };
});
afterAll(async () => {
  await worker?.stop();
  await adapters?.remove();
  await stage?.close();
});

const here = (code: string) => code.replaceAll('http://127.0.0.1:4020', worker.url);

test('each command on the page is answered', async () => {
  const commands = blocks('sh');
  expect(commands).toHaveLength(3);
  const answers = await Promise.all(
    commands.map(async (command) => JSON.parse((await run('sh', ['-c', here(command)], { env })).stdout)),
  );
  expect(answers).toMatchObject([
    { object: 'chat.completion', model: 'typescript-tutor-1@1' },
    { object: 'list', data: [{ id: 'openledger/base' }, { id: 'typescript-tutor-1' }, { id: 'rust-tutor-2' }] },
    { object: 'chat.completion', attribution: { state: 'waiting' } },
  ]);
});

test('each program on the page does what the page says', async () => {
  const programs = blocks('ts');
  expect(programs).toHaveLength(2);
  // Inside the package, so that they find what they import.
  const folder = await mkdtemp(join(room, '.docs-'));
  try {
    const said = await Promise.all(
      programs.map(async (program, at) => {
        await writeFile(join(folder, `${at}.ts`), here(program));
        return (await run(process.execPath, [`${at}.ts`], { cwd: folder, env })).stdout;
      }),
    );
    expect(said[0]).toMatch(/^typescript-tutor-1 is answered by typescript-tutor-1@1$/m);
    expect(said[0]).toMatch(/\d+ \+ \d+ tokens\n$/);
    expect(said[1]).toMatch(/^402 \d+ wei are needed\n200 0x[0-9a-f]{64}\n$/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('every variable that a worker reads is on the page', async () => {
  const source = await readFile(join(room, 'src/serving/config.ts'), 'utf8');
  const names = [...source.matchAll(/^ {4}([A-Z][A-Z_]+): /gm)].map(([, name]) => name!);
  expect(names.length).toBeGreaterThan(25);
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
