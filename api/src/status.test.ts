import { expect, test } from 'vitest';
import type { ChainStatus } from './checkpoints.ts';
import { type Facts, judge } from './status.ts';

const NOW = 1_000_000;
const indexed = { block: 5000n, timestamp: 1_800_000_000n };
const own: ChainStatus = {
  chainId: 31337n,
  name: 'openledger',
  indexed,
  finalBlock: 4970n,
  finalTimestamp: 1_799_999_940n,
};
const head = { ...indexed, seenAt: 1_800_000_005n, at: NOW - 1000 };
const nodes = { total: 2, up: 1, elsewhere: 1 };
/** An index at the head, seen a second ago. */
const well: Facts = {
  chainId: 31337n,
  published: { chains: [own], complete: true },
  outlook: { head, nodes },
  halt: null,
  standstill: null,
  now: NOW,
};
const ahead = (blocks: bigint, seconds: bigint) => ({
  outlook: { head: { ...head, block: head.block + blocks, timestamp: head.timestamp + seconds }, nodes },
});
const standing = (ms: number) => ({ standstill: { block: 5000n, since: 1_800_000_100n, at: NOW - ms } });
const seenAgo = (ms: number) => ({ outlook: { head: { ...head, at: NOW - ms }, nodes } });

const ready: Record<string, Partial<Facts>> = {
  'at the head': {},
  'beyond a node that lags': ahead(-7n, -84n),
  'two blocks behind a chain that makes one an hour': ahead(2n, 7200n),
  'many blocks behind, but not for half a minute': ahead(100n, 25n),
  'behind, and for a short while at the same block': { ...ahead(1n, 12n), ...standing(19_000) },
  'while the nodes have been silent for a moment': seenAgo(14_000),
};
test.each(Object.entries(ready))('ready: %s', (_when, facts) => {
  expect(judge({ ...well, ...facts })).toMatchObject({ ready: true, reason: null, remedy: null });
});

const notReady: Record<string, [Partial<Facts>, string]> = {
  'nothing is published': [{ published: null }, 'The indexer has not published its views yet: it is starting.'],
  'the index is of another chain': [
    { published: { chains: [{ ...own, chainId: 1n }], complete: true } },
    'The index is not of chain 31337, where CONTRACTS_FILE says the contracts are, but of 1.',
  ],
  'all nodes are on another chain': [
    { outlook: { head: null, nodes: { total: 2, up: 0, elsewhere: 2 } } },
    'CHAIN_RPC_URL leads to another chain than 31337, where CONTRACTS_FILE says the contracts are.',
  ],
  'no node ever answered': [{ outlook: { head: null, nodes } }, 'No node at CHAIN_RPC_URL has answered yet.'],
  'no node answers any more': [
    seenAgo(15_001),
    'No node at CHAIN_RPC_URL has answered since 2027-01-15T08:00:05Z: how far the index is behind is unknown.',
  ],
  'it is behind a fast chain': [ahead(124n, 31n), 'The index is 124 blocks (31 s) behind the chain.'],
  'it is behind a slow chain': [ahead(3n, 36n), 'The index is 3 blocks (36 s) behind the chain.'],
  'it restarted': [
    { ...ahead(30n, 360n), published: { chains: [own], complete: false } },
    'The indexer has restarted and is catching up: it is 30 blocks (360 s) behind the chain.',
  ],
  'it restarted beside other chains': [
    { published: { chains: [{ ...own, indexed: null }], complete: false } },
    'The indexer has restarted and is catching up: it is behind the chain.',
  ],
  'it stands still': [
    { ...ahead(1n, 3600n), ...standing(20_001) },
    'The index has stood at block 5000 since 2027-01-15T08:01:40Z, and the chain is at block 5001.',
  ],
};
test.each(Object.entries(notReady))('not ready: %s', (_why, [facts, reason]) => {
  expect(judge({ ...well, ...facts })).toMatchObject({ ready: false, reason, remedy: null });
});

test('how far it is behind is told only while a node answers', () => {
  expect(judge({ ...well, ...ahead(3n, 36n) }).lag).toEqual({ blocks: 3n, seconds: 36n });
  expect(judge({ ...well, ...ahead(-7n, -84n) }).lag).toEqual({ blocks: 0n, seconds: 0n });
  const silent = judge({ ...well, ...seenAgo(15_001) });
  expect(silent.lag).toBeNull();
  expect(silent.head).toMatchObject({ block: 5000n, seenAt: 1_800_000_005n });
});

test('a halt goes before everything else that may be wrong', () => {
  const halt = { reason: 'The chain took back block 90.', remedy: 'Run it again.' };
  expect(judge({ ...well, ...seenAgo(60_000), published: null, halt })).toMatchObject({ ready: false, ...halt });
});

test('with several chains, it is about the protocol’s', () => {
  const other: ChainStatus = {
    ...own,
    chainId: 1n,
    name: 'ethereum',
    indexed: { block: 20_000_000n, timestamp: 1_800_000_009n },
  };
  const status = judge({ ...well, ...ahead(1n, 2n), published: { chains: [other, own], complete: true } });
  expect(status).toMatchObject({ own, chains: [other, own], ready: true, lag: { blocks: 1n, seconds: 2n } });
});
