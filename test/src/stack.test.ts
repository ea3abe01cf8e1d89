import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { datanetRegistryAbi } from '@openledger/protocol/abi';
import { createLog, type Stack, startStack } from '@openledger/stack';
import { personaKey } from '@openledger/stack/scenario';
import { Contract, JsonRpcProvider, Wallet, ZeroHash } from 'ethers';
import { expect, onTestFinished, test } from 'vitest';

const ports = { api: 0, chain: 0, indexer: 0, relayer: 0, worker: 0, epochs: 0, database: 0 };

async function start(stateDir: string, said: string[] = []): Promise<Stack> {
  const log = createLog({
    folder: join(stateDir, 'logs'),
    level: 'info',
    quiet: ['indexer', 'api', 'worker', 'epochs'],
    color: false,
    print: (line) => said.push(line.slice(10)),
  });
  return startStack({ stateDir, databaseUrl: undefined, ports, scenario: false, logLevel: 'info', blockTime: 1, log });
}

async function query<Data>(stack: Stack, text: string): Promise<Data> {
  const response = await fetch(`${stack.urls.api}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: text }),
  });
  const { data, errors } = (await response.json()) as { data?: Data; errors?: { message: string }[] };
  if (data === undefined || errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
}

type Names = { datanets: { edges: { node: { name: string } }[] } };
const names = async (stack: Stack) =>
  (await query<Names>(stack, '{ datanets(first: 10) { edges { node { name } } } }')).datanets.edges.map(
    ({ node }) => node.name,
  );

async function createDatanet(stack: Stack, name: string): Promise<void> {
  const provider = new JsonRpcProvider(stack.urls.rpc, undefined, { staticNetwork: true });
  provider.pollingInterval = 100;
  const registry = new Contract(
    stack.manifest.contracts.DatanetRegistry,
    datanetRegistryAbi,
    new Wallet(personaKey('ada'), provider),
  );
  const sent = await registry.getFunction('createDatanet')(name, 'openledger:none', ZeroHash, 0, 0, 0, 0, 3600);
  await sent.wait();
  provider.destroy();
}

async function untilNames(stack: Stack, expected: readonly string[]): Promise<void> {
  for (let i = 0; i < 100 && JSON.stringify(await names(stack)) !== JSON.stringify(expected); i++) await sleep(100);
  expect(await names(stack)).toEqual(expected);
}

/** Processes that were started on this state folder or for it. */
function processesOf(stateDir: string): string[] {
  return execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(stateDir));
}

test('what was indexed is there after a restart, a new chain is noticed and never mixed with the old, no process stays', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'openledger-e2e-'));
  execFileSync('chmod', ['755', stateDir]);
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));

  const first = await start(stateDir);
  await createDatanet(first, 'Before the restart');
  await untilNames(first, ['Before the restart']);
  await first.stop();
  expect(processesOf(stateDir)).toEqual([]);

  const began = Date.now();
  const second = await start(stateDir);
  expect(Date.now() - began).toBeLessThan(40_000);
  expect(second.manifest).toEqual(first.manifest);
  await untilNames(second, ['Before the restart']);
  await createDatanet(second, 'After the restart');
  await untilNames(second, ['After the restart', 'Before the restart']);
  await second.stop();

  rmSync(join(stateDir, 'chain'), { recursive: true });
  const said: string[] = [];
  const third = await start(stateDir, said);
  expect(third.manifest.genesisHash).not.toBe(first.manifest.genesisHash);
  expect(said).toContain(
    'chain     warning: this is another chain than before: deploying the contracts on it, and indexing it anew',
  );
  expect(await names(third)).toEqual([]);
  await createDatanet(third, 'On the new chain');
  await untilNames(third, ['On the new chain']);
  await third.stop();
  expect(processesOf(stateDir)).toEqual([]);
}, 240_000);
