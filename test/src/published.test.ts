import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@openledger/db/server';
import { readChainStatuses, readPublished } from '@openledger/indexer';
import { type RunningIndexer, startIndexer } from '@openledger/indexer/testing';
import { contractAbis, publishedAbis } from '@openledger/protocol/abi';
import type { LocalChain } from '@openledger/protocol/chain';
import { formatManifest } from '@openledger/protocol/deploy';
import { Contract, type InterfaceAbi, JsonRpcProvider, Wallet } from 'ethers';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FreshProtocol, startFreshProtocol } from './drive/index.ts';
import { compareTables, createRpc, foldChain, publishedChains, verifyIndex } from './oracle/index.ts';
import { disagreements, protocolRows, rowsOfChain } from './published/agreement.ts';
import { type Hangable, startHangable } from './published/hangable.ts';
import { claimAirdrops, decide, gatherVotes, goOn, holdOpen, stakeCoin, wrapCoin } from './published/play.ts';
import { type Ethereum, keys, type L2, startEthereum, startL2 } from './published/stage.ts';
import { changeEachColumn, copySchema } from './tampering.ts';

// One story, in order, of three chains: the protocol's, one that stands for Ethereum, and one for OpenLedger's L2. Whoever
// holds OPEN on the other two sees there what is theirs; and nothing that happens to those chains may cost anybody what is
// theirs in the protocol.

const ids = { ethereum: 31_338, l2: 31_339 };

let folder: string;
let server: EmbeddedPostgres;
let protocol: FreshProtocol;
let ethereum: Ethereum;
let l2: L2;
let l2Node: Hangable;
let environment: Record<string, string>;
let sql: Sql;
let indexer: RunningIndexer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openledger-published-'));
  // Run as root, the server is another user, who has to get to its data.
  await chmod(folder, 0o755);
  [server, protocol, ethereum, l2] = await Promise.all([
    startEmbeddedPostgres({ dataDir: join(folder, 'data'), settings: { fsync: 'off' } }),
    startFreshProtocol(),
    startEthereum({ chainId: ids.ethereum }),
    startL2({ chainId: ids.l2 }),
  ]);
  l2Node = await startHangable(l2.chain.url);
  await writeFile(join(folder, 'contracts.json'), formatManifest(protocol.manifest));
  environment = {
    DATABASE_URL: server.url,
    CHAIN_RPC_URL: protocol.rpcUrl,
    CONTRACTS_FILE: join(folder, 'contracts.json'),
    CHAIN_POLL_MS: '100',
    ETHEREUM_RPC_URL: ethereum.chain.url,
    ETHEREUM_CHAIN_ID: String(ids.ethereum),
    ETHEREUM_OPEN_ADDRESS: ethereum.at.EthereumOpen,
    ETHEREUM_START_BLOCK: String(ethereum.startBlock),
    L2_RPC_URL: l2Node.url,
    L2_CHAIN_ID: String(ids.l2),
    L2_START_BLOCK: String(l2.startBlock),
    L2_WOPEN_ADDRESS: l2.at.L2Wopen,
    L2_GOPEN_ADDRESS: l2.at.L2Gopen,
    L2_GOVERNOR_ADDRESS: l2.at.L2Governor,
    L2_STAKING_ADDRESS: l2.at.L2Staking,
    L2_AIRDROP_ADDRESSES: `${l2.at.L2Airdrop},${l2.at.secondAirdrop}`,
  };
  sql = postgres(server.url, { max: 2, onnotice: () => {} });
}, 120_000);

afterAll(async () => {
  await indexer?.stop();
  await l2Node?.stop();
  await Promise.all([protocol?.stop(), ethereum?.stop(), l2?.stop()]);
  await sql?.end();
  await server?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

test('what is read from history and what is followed live is what the contracts say', async () => {
  await holdOpen(ethereum);
  for (const act of [wrapCoin, gatherVotes, decide]) await act(l2);
  indexer = await startIndexer(environment);
  await indexer.ready();
  for (const act of [stakeCoin, claimAirdrops]) await act(l2);
  await ethereum.act('carol', 'EthereumOpen', 'transfer', [keys.dave.address, 7n]);
  await sendOpen();
  await caughtUp();
  const { found, compared } = await disagreements(sql, { ethereum, l2 });
  expect(found).toEqual([]);
  expect(compared).toBeGreaterThan(100);
  // An event that never happened would be shown right whatever was done with it.
  const told = await sql<{ name: string }[]>`
    select distinct contract_name || ':' || event as name from chain.activity where chain_id in (${ids.ethereum}, ${ids.l2})`;
  const all = Object.entries(publishedAbis).flatMap(([contract, abi]) => abi.map(({ name }) => `${contract}:${name}`));
  expect(told.map(({ name }) => name).sort()).toEqual(all.sort());
}, 120_000);

test('OPEN on the L2 is the coin: wrapping it is no transfer, and what is sent to the zero address is not burnt', async () => {
  const [wopen] = await sql`
    select total_supply, wrapped, transfers::int, deposits::int, withdrawals::int from chain.published_token
    where contract_name = 'L2Wopen'`;
  expect(wopen).toEqual({
    total_supply: '6000000000000000000',
    wrapped: '6000000000000000000',
    transfers: 5,
    deposits: 2,
    withdrawals: 2,
  });
  const [zero] = await sql`
    select balance from chain.published_balance where account = ${`0x${'0'.repeat(40)}`} and token = ${l2.at.L2Wopen}`;
  expect(zero?.balance).toBe('500000000000000000');
  const [open] = await sql`select total_supply from chain.published_token where contract_name = 'EthereumOpen'`;
  expect(open?.total_supply).toBe('999999900000000000000000000');
  const votes = await sql`select support, weight, params from chain.published_vote order by id limit 3`;
  expect([...votes]).toEqual([
    { support: 'for', weight: '7000000000000000000', params: null },
    { support: 'against', weight: '2000000000000000000', params: '0x0102' },
    { support: 'abstain', weight: '3000000000000000000', params: null },
  ]);
});

test('nothing of the other chains counts in the protocol', async () => {
  const people = Object.values(keys).map(({ address }) => address);
  const elsewhere = await sql`select account from chain.published_balance where account in ${sql(people)}`;
  expect(elsewhere.length).toBeGreaterThan(8);
  expect([...(await sql`select address from chain.account where address in ${sql(people)}`)]).toEqual([]);
  const [events] = await sql`
    select (select sum(events)::int from chain.protocol_hour) as counted,
      (select count(*)::int from chain.activity where chain_id = ${Number(protocol.manifest.chainId)}) as happened`;
  expect(events?.counted).toBe(events?.happened);
});

test('the oracle agrees, on every chain at that chain’s own block', async () => {
  const verdict = await verified();
  expect(verdict.published).toEqual([
    { name: 'ethereum', block: await ethereum.head() },
    { name: 'l2', block: await l2.head() },
  ]);
  const published = verdict.tables.filter(({ table }) => table.startsWith('published_'));
  expect(published).toHaveLength(9);
  expect(published.filter(({ indexed }) => indexed === 0)).toEqual([]);
});

test('a wrong value in any column of what is indexed of those chains would be named', async () => {
  const { manifest, rpcUrl } = protocol;
  const heads = { ethereum: await ethereum.head(), l2: await l2.head() };
  const published = publishedChains(readPublished(environment, manifest.chainId)).map((chain) => ({
    ...chain,
    toBlock: heads[chain.name as keyof typeof heads],
  }));
  const toBlock = await protocolHead();
  const { state } = await foldChain({ rpc: createRpc(rpcUrl), manifest, published, toBlock });
  await copySchema(sql, 'chain', 'tampered');
  const isPublished = (table: string) => table.startsWith('published_');
  const columns = await changeEachColumn(sql, 'tampered', isPublished, async (transaction, changed) => {
    const reports = await compareTables(transaction, 'tampered', state.tables);
    const found = reports.filter(({ first }) => first !== undefined);
    expect(found.map(({ table, first }) => `${table}.${first?.column}`).sort()).toEqual(changed);
  });
  expect(columns).toBeGreaterThan(80);
});

test('a chain that cannot be verified is named by its variable', async () => {
  const through = (url: string) => verified({ L2_RPC_URL: url });
  await expect(through(ethereum.chain.url)).rejects.toThrow(
    /^L2_RPC_URL leads to chain 31338, its configuration is of 31339/,
  );
  await expect(through('http://127.0.0.1:1/key')).rejects.toThrow(
    /^L2_RPC_URL: eth_chainId: http:\/\/127\.0\.0\.1:1 does not answer/,
  );
});

test('blocks that the L2 takes back leave no trace there, and cost the other chains nothing', async () => {
  const before = await rowsOfChain(sql, ids.l2);
  const head = await l2.head();
  await goOn(l2, 'gone');
  // After what will be gone.
  await ethereum.act('alice', 'EthereumOpen', 'transfer', [keys.bob.address, 11n]);
  await sendOpen();
  await caughtUp();
  expect(await rowsOfChain(sql, ids.l2)).not.toEqual(before);
  const elsewhere = [await protocolRows(sql), await rowsOfChain(sql, ids.ethereum)];

  const seen = watch(async () => (await sql`select count(*)::int from chain.token_transfer`)[0]?.count);
  await l2.chain.call('anvil_reorg', [Number((await l2.head()) - head), []]);
  await l2.chain.mine(2);
  await caughtUp();
  expect(await rowsOfChain(sql, ids.l2)).toEqual(before);
  // Not even for the moment until the L2's next block: who asks for balances then asks at the wrong time.
  expect(await seen.stop()).toEqual([elsewhere[0]!.token_transfer!.length]);
  expect([await protocolRows(sql), await rowsOfChain(sql, ids.ethereum)]).toEqual(elsewhere);
  await goOn(l2, 'instead');
  await caughtUp();
  expect((await disagreements(sql, { ethereum, l2 })).found).toEqual([]);
  await verified();
}, 120_000);

test('blocks that the protocol’s chain takes back cost the L2 nothing', async () => {
  const before = await protocolRows(sql);
  await sendOpen();
  await goOn(l2, 'after');
  await caughtUp();
  const elsewhere = await rowsOfChain(sql, ids.l2);
  await protocol.chain.call('anvil_reorg', [1, []]);
  await protocol.chain.mine(2);
  await caughtUp();
  expect(await protocolRows(sql)).toEqual(before);
  expect(await rowsOfChain(sql, ids.l2)).toEqual(elsewhere);
  await verified();
}, 120_000);

test('reorganisations of all three chains in one another’s midst end in what the chains then hold', async () => {
  let happened = 0;
  const random = dice(20_261_125);
  const reorganise = async (chain: LocalChain) => {
    const depth = 1 + Math.floor(random() * 8);
    await chain.call('anvil_reorg', [depth, []]);
    await chain.mine(1 + Math.floor(random() * 3));
  };
  for (let round = 0; round < 12; round++) {
    const acts = [
      () => sendOpen(),
      () => ethereum.act('alice', 'EthereumOpen', 'transfer', [keys.bob.address, BigInt(round + 1)]),
      () => goOn(l2, `storm ${happened++}`),
      () => reorganise(protocol.chain),
      () => reorganise(ethereum.chain),
      () => reorganise(l2.chain),
      () => wait(300),
    ];
    for (let act = 0; act < 5; act++) await acts[Math.floor(random() * acts.length)]!();
  }
  for (const chain of [protocol.chain, ethereum.chain, l2.chain]) await chain.mine(3);
  await caughtUp();
  await verified();
}, 180_000);

test('while the L2’s node hangs the protocol is followed to its head, and the L2 again once it answers', async () => {
  const stoodAt = await indexedBlock(ids.l2);
  l2Node.hang();
  await goOn(l2, 'unseen');
  for (let round = 0; round < 5; round++) {
    await sendOpen();
    await reached(Number(protocol.manifest.chainId), await protocolHead());
    await wait(1_000);
  }
  expect(await indexedBlock(ids.l2)).toBe(stoodAt);
  // What is final in the protocol becomes so, or it would be kept for as long as the L2's node hangs.
  await protocol.chain.mine(100);
  await reached(Number(protocol.manifest.chainId), await protocolHead());
  await expect.poll(() => undoable(Number(protocol.manifest.chainId)), { timeout: 20_000 }).toBe(0);
  l2Node.resume();
  await caughtUp();
  expect((await disagreements(sql, { ethereum, l2 })).found).toEqual([]);
  await verified();
}, 120_000);

test('killed without warning, it goes on with every chain where it was', async () => {
  const rows = async () => [
    await protocolRows(sql),
    await rowsOfChain(sql, ids.l2),
    await rowsOfChain(sql, ids.ethereum),
  ];
  const before = await rows();
  // A hundred blocks at once, and no time to note where the chain is.
  await protocol.chain.mine(100);
  await reached(Number(protocol.manifest.chainId), await protocolHead());
  await indexer.stop('SIGKILL');
  indexer = await startIndexer(environment);
  await indexer.ready();
  expect(indexer.output()).toContain('Resuming the index');
  await caughtUp();
  expect(await rows()).toEqual(before);
  await goOn(l2, 'resumed');
  await caughtUp();
  await verified();
}, 120_000);

test('an L2 that begins anew is noticed, and nothing of the old one stays', async () => {
  await l2.stop();
  const before = { protocol: await protocolRows(sql), ethereum: await rowsOfChain(sql, ids.ethereum) };
  l2 = await startL2({ chainId: ids.l2, port: l2.chain.port });
  await stakeCoin(l2);
  expect(await indexer.ended).toBe(75);
  indexer = await startIndexer(environment);
  await indexer.ready();
  await caughtUp();
  const positions = await sql`select staking_id from chain.published_staking`;
  expect(positions).toHaveLength(Number(await l2.look('L2Staking', 'stakings')));
  expect(await protocolRows(sql)).toEqual(before.protocol);
  expect(await rowsOfChain(sql, ids.ethereum)).toEqual(before.ethereum);
  await verified();
}, 120_000);

test('of contracts and chains that are not configured nothing is indexed, and the rest is', async () => {
  await indexer.stop();
  await sql`create database fewer`;
  const url = new URL(server.url);
  url.pathname = '/fewer';
  const some = { ETHEREUM_RPC_URL: '', L2_WOPEN_ADDRESS: '', L2_GOPEN_ADDRESS: '', L2_GOVERNOR_ADDRESS: '' };
  indexer = await startIndexer({ ...environment, ...some, L2_AIRDROP_ADDRESSES: '', DATABASE_URL: url.href });
  const fewer = postgres(url.href, { max: 1, onnotice: () => {} });
  try {
    await indexer.ready();
    const counts = async () => {
      const [row] = await fewer`
        select (select count(*)::int from chain.published_staking) as positions,
          (select count(*)::int from chain.published_token) as tokens,
          (select count(*)::int from chain.published_airdrop_claim) as claims,
          (select array_agg(distinct contract_name) from chain.activity where chain_id = ${ids.l2}) as contracts`;
      return row;
    };
    const positions = Number(await l2.look('L2Staking', 'stakings'));
    const expected = { positions, tokens: 0, claims: 0, contracts: ['L2Staking'] };
    await expect.poll(counts, { timeout: 20_000 }).toEqual(expected);
    const chains = await fewer`select chain_name from chain._ponder_checkpoint order by 1`;
    expect(chains.map(({ chain_name }) => chain_name)).toEqual(['l2', 'openledger']);
  } finally {
    await indexer.stop();
    await fewer.end();
  }
}, 120_000);

/** Looks again and again, until it is told to stop and tells all that it saw. */
const watch = (look: () => Promise<unknown>) => {
  const seen = new Set<unknown>();
  let stopped = false;
  const looking = (async () => {
    for (; !stopped; await wait(2)) seen.add(await look());
  })();
  return {
    stop: async () => {
      stopped = true;
      await looking;
      return [...seen];
    },
  };
};

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
const dice = (seed: number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** OPEN from one to another in the protocol, where it is a token of its own. */
const sendOpen = async () => {
  const [from, to] = [protocol.accounts[5]!, protocol.accounts[9]!];
  const provider = new JsonRpcProvider(protocol.rpcUrl, undefined, { cacheTimeout: -1 });
  provider.pollingInterval = 20;
  try {
    const token = new Contract(
      protocol.manifest.contracts.Open,
      contractAbis.Open as unknown as InterfaceAbi,
      new Wallet(from.privateKey, provider),
    );
    await (await token.getFunction('transfer').send(to.address, 1n)).wait();
  } finally {
    provider.destroy();
  }
};

const protocolHead = async () => BigInt(await protocol.chain.call<string>('eth_blockNumber', []));

const indexedBlock = async (chainId: number): Promise<bigint> => {
  const statuses = await readChainStatuses((text) => sql.unsafe(text));
  return statuses.find((status) => status.ready && status.chainId === BigInt(chainId))?.block ?? -1n;
};

/** How many rows Ponder keeps to take a chain's activity back by. */
const undoable = async (chainId: number): Promise<number> => {
  const [live] = await sql<[{ schema: string }]>`select schema_name as schema from indexer.deployment`;
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count from ${sql(live.schema)}._reorg__activity
    where substring(checkpoint, 11, 16)::bigint = ${chainId}`;
  return row.count;
};

const reached = (chainId: number, block: bigint) =>
  expect.poll(() => indexedBlock(chainId), { timeout: 30_000, interval: 50 }).toBeGreaterThanOrEqual(block);

const caughtUp = async () => {
  await reached(Number(protocol.manifest.chainId), await protocolHead());
  await reached(ids.ethereum, await ethereum.head());
  await reached(ids.l2, await l2.head());
};

const verified = async (change: Record<string, string> = {}) => {
  const { manifest, rpcUrl } = protocol;
  // The oracle asks the L2 directly.
  const published = readPublished({ ...environment, L2_RPC_URL: l2.chain.url, ...change }, manifest.chainId);
  const verdict = await verifyIndex({ databaseUrl: server.url, rpcUrl, manifest, published });
  expect(verdict.tables.filter(({ first }) => first !== undefined)).toEqual([]);
  expect(verdict.differences).toBe(0);
  return verdict;
};
