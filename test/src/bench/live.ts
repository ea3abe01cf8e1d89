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
    BUDGET_ANONYMOUS: '2000000000',
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

/** Sends an event into every block, and notes when each block was mined and when GraphQL first answered with it. */
async function watchBlocks(
  fresh: FreshProtocol,
  graphqlUrl: string,
  blocks: number,
  progress: (message: string) => void,
): Promise<readonly number[]> {
  const to = fresh.accounts[6]!.address;
  const minedAt = new Map<number, number>();
  const delays: number[] = [];
  const { query } = createGraphqlClient(graphqlUrl);
  await sendTransfer(fresh, to);
  const heads = await openHeads(fresh.rpcUrl, (number) => {
    minedAt.set(number, performance.now());
    // In the pool before the next block is due.
    return sendTransfer(fresh, to);
  });
  try {
    for (const started = performance.now(); delays.length < blocks; await sleep(lookEvery)) {
      const { activity } = await query<{ activity: { nodes: readonly { block: string }[] } }>(
        '{ activity(first: 1) { nodes { block } } }',
      );
      const newest = Number(activity.nodes[0]?.block ?? 0);
      const now = performance.now();
      for (const [number, mined] of minedAt) {
        if (number > newest) break;
        minedAt.delete(number);
        delays.push(now - mined);
        if (delays.length % 20 === 0) progress(`${delays.length} of ${blocks} live blocks seen`);
      }
      if (now - started > patienceMs + 2_000 * blocks) throw new Error(`Only ${delays.length} live blocks were seen`);
    }
    return delays;
  } finally {
    await heads.close();
  }
}

/** Tells of each block that a node announces over its WebSocket, the moment it does. */
async function openHeads(rpcUrl: string, tell: (number: number) => Promise<unknown>) {
  const socket = new WebSocket(rpcUrl.replace('http', 'ws'));
  let told: Promise<unknown> = Promise.resolve();
  socket.addEventListener('message', ({ data }) => {
    const { params } = JSON.parse(String(data)) as { params?: { result: { number: string } } };
    if (params !== undefined) told = tell(Number(params.result.number));
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', () => reject(new Error(`${rpcUrl} takes no WebSocket`)), { once: true });
  });
  socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: ['newHeads'] }));
  return {
    close: async () => {
      socket.close();
      await told;
    },
  };
}
