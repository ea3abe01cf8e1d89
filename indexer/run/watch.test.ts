import { type LocalChain, startLocalChain } from '@openledger/protocol/chain';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDoor } from '../rpc/index.ts';
import { createDatabase } from '../test/servers.ts';
import { openChain } from './chain.ts';
import { anchorsFrom, createMemory } from './memory.ts';
import { notingHead } from './watch.ts';

let local: LocalChain;
let sql: Sql;

beforeAll(async () => {
  local = await startLocalChain();
  sql = postgres(await createDatabase(), { max: 1, onnotice: () => {} });
  await createMemory(sql);
});
afterAll(async () => {
  await sql?.end({ timeout: 1 });
  await local?.stop();
});

test('many blocks at once are noted before Ponder can hold any of them final', async () => {
  const nodes = { urls: [local.url], chainId: BigInt(local.chainId), log: () => {} };
  const door = openDoor({ ...nodes, watched: new Map(), depth: 'ends' });
  const chain = await openChain(door, { ...nodes, variable: 'CHAIN_RPC_URL', genesisHash: undefined });
  const start = { number: 0n, hash: chain.genesisHash };
  const head = notingHead(door.head, { sql, chain, start });
  const noted = async (from: bigint) => (await anchorsFrom(sql, chain.id, from)).map(({ number }) => number);

  await local.mine(100);
  await head.read();
  // Of these Ponder holds block 70 final: one above it is known, and one that a reorganisation of 25 leaves.
  expect(await noted(70n)).toEqual([74n, 100n]);
  await local.mine(3);
  await head.read();
  expect(await noted(101n)).toEqual([]);
  await local.mine(1);
  await head.read();
  expect(await noted(70n)).toEqual([74n, 78n, 100n, 104n]);
  expect((await anchorsFrom(sql, chain.id, 104n))[0]?.hash).toBe(await chain.hashAt(104n));
});
