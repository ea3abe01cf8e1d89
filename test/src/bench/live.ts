import { setTimeout as sleep } from 'node:timers/promises';
import { createApiServer, readConfig } from '@openledger/api';
import { startIndexer } from '@openledger/indexer/testing';
import { type FreshProtocol, startFreshProtocol } from '../drive/index.ts';
import { createGraphqlClient } from '../smoke/graphql.ts';
import { sendTransfer } from './chains.ts';
import type { Place } from './place.ts';

/** Milliseconds between two questions whether a block can be seen yet. */
const lookEvery = 10;
const patienceMs = 30_000;

/**
 * How long after a block was mined GraphQL answers with the event in it, block by block, at one block a second.
 * The clock starts when the node announces the block, and stops when the answer that shows it has arrived.
 * @returns milliseconds, in the order of the blocks.
 */
export async function measureLive(
  place: Place,
  blocks: number,
  progress: (message: string) => void,
): Promise<readonly number[]> {
  const fresh = await startFreshProtocol();
  const env = {
    DATABASE_URL: await place.createDatabase(),
    CHAIN_RPC_URL: fresh.rpcUrl,
    CONTRACTS_FILE: await place.writeManifest(fresh.manifest),
    LOG_LEVEL: 'warn',
  };
  await fresh.chain.setAutomine(false);
  await fresh.chain.setIntervalMining(1);
  const indexer = await startIndexer(env);
  try {
    await indexer.ready();
    const api = await createApiServer(readConfig({ ...env, API_PORT: '0' }));
    try {
      return await watchBlocks(fresh, `${api.url}/graphql`, blocks, progress);
    } finally {
      await api.stop();
    }
  } finally {
    await indexer.stop();
    await fresh.stop();
  }
}

async function watchBlocks(
  fresh: FreshProtocol,
  graphqlUrl: string,
  blocks: number,
  progress: (message: string) => void,
): Promise<readonly number[]> {
  const heads = await openHeads(fresh.rpcUrl);
  const { query } = createGraphqlClient(graphqlUrl);
  const to = fresh.accounts[6]!.address;
  const delays: number[] = [];
  try {
    await sendTransfer(fresh, to);
    for (let i = 0; i < blocks; i++) {
      const { number, minedAt } = await heads.next();
      // In the pool before the next block is due.
      await sendTransfer(fresh, to);
      await until(minedAt, number, async () => {
        const { activity } = await query<{ activity: { nodes: readonly { block: string }[] } }>(
          '{ activity(first: 1) { nodes { block } } }',
        );
        return BigInt(activity.nodes[0]?.block ?? 0) >= number;
      });
      delays.push(performance.now() - minedAt);
      if (i % 20 === 19) progress(`${i + 1} of ${blocks} live blocks seen`);
    }
    return delays;
  } finally {
    heads.close();
  }
}

async function until(minedAt: number, block: bigint, isSeen: () => Promise<boolean>): Promise<void> {
  while (!(await isSeen())) {
    if (performance.now() - minedAt > patienceMs) throw new Error(`Block ${block} was not to be seen in time`);
    await sleep(lookEvery);
  }
}

/** The blocks that a node announces over its WebSocket, the next one each time. */
async function openHeads(rpcUrl: string) {
  const socket = new WebSocket(rpcUrl.replace('http', 'ws'));
  const ended = new Error(`${rpcUrl} no longer announces blocks`);
  let tell: ((head: { number: bigint; minedAt: number }) => void) | undefined;
  let fail = (_reason: Error) => {};
  socket.addEventListener('message', ({ data }) => {
    const { params } = JSON.parse(String(data)) as { params?: { result: { number: string } } };
    if (params !== undefined) tell?.({ number: BigInt(params.result.number), minedAt: performance.now() });
  });
  socket.addEventListener('close', () => fail(ended));
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', () => reject(ended), { once: true });
  });
  socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: ['newHeads'] }));
  return {
    next: () =>
      new Promise<{ number: bigint; minedAt: number }>((resolve, reject) => {
        tell = resolve;
        fail = reject;
      }),
    close: () => socket.close(),
  };
}
