import { type LocalChain, startLocalChain } from '@openledger/protocol/chain';
import { createTestClient, type Hex, http, keccak256, pad, publicActions, stringToHex, walletActions } from 'viem';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Door, type DoorOptions, openDoor, type RpcLog } from './index.ts';
import { startTestNode, type TestNode, type Twist } from './test-node.ts';

// People are paid by what is read here. A node that is slow, behind, mistaken or silent about half of its logs must change
// neither what is indexed nor when.

let chain: LocalChain;
let nodes: TestNode[];
let said: string[];
const log: RpcLog = (message, details) => said.push(`${message} ${JSON.stringify(details)}`);

/** Emits two events for a call: topics are the first and second word of the call's data. Assembled: CALLDATALOAD, LOG2, LOG1. */
const emitter = pad('0xe1', { size: 20 });
const emitterCode = '0x602035600035600080a2600035600080a100';
const topics = [keccak256(stringToHex('one')), keccak256(stringToHex('two'))] as const;
const watched = new Map([[emitter, new Set(topics)]]);

beforeAll(async () => {
  chain = await startLocalChain();
  const client = clientOf(chain);
  await client.setCode({ address: emitter, bytecode: emitterCode });
  const [account] = await client.getAddresses();
  await client.setAutomine(false);
  // Blocks 1 to 12, of which 3, 6, 9 and 12 hold three transactions with two events each.
  for (let block = 1; block <= 12; block++) {
    for (let i = 0; block % 3 === 0 && i < 3; i++) {
      const data: Hex = `${topics[block % 2]!}${pad(`0x${block.toString(16)}${i}`).slice(2)}`;
      await client.sendTransaction({ account: account!, chain: null, to: emitter, data, gas: 100_000n });
    }
    await client.mine({ blocks: 1 });
  }
  await client.setAutomine(true);
});

afterAll(() => chain?.stop());

beforeEach(async () => {
  nodes = await Promise.all([startTestNode(chain.url), startTestNode(chain.url)]);
  said = [];
});

afterEach(() => Promise.all(nodes.map((node) => node.close())));

const clientOf = ({ url }: LocalChain) =>
  createTestClient({ mode: 'anvil', transport: http(url), pollingInterval: 20 })
    .extend(publicActions)
    .extend(walletActions);

const open = (use: readonly TestNode[], options: Partial<DoorOptions> = {}): Door =>
  openDoor({
    urls: use.map(({ url }) => url),
    chainId: BigInt(chain.chainId),
    watched,
    depth: 'headers',
    timeout: 300,
    patience: 5_000,
    log,
    ...options,
  });

type Log = { blockNumber: Hex; logIndex: Hex };
const request = <answer>(door: Door, method: string, params: readonly unknown[]) =>
  door.transport({ retryCount: 0 }).request({ method, params }) as Promise<answer>;
const placesOf = (logs: readonly Log[]) => logs.map((it) => `${Number(it.blockNumber)}/${Number(it.logIndex)}`);
const history = async (door: Door, from = 1, to = 12) => {
  const [fromBlock, toBlock] = [from, to].map((block) => `0x${block.toString(16)}`);
  return placesOf(await request<Log[]>(door, 'eth_getLogs', [{ address: [emitter], topics: [], fromBlock, toBlock }]));
};
const whole = [3, 6, 9, 12].flatMap((block) => [0, 1, 2, 3, 4, 5].map((index) => `${block}/${index}`));

const forLogs =
  (answer: (logs: Log[]) => Log[] | { code: number; message: string }): Twist =>
  async ({ method }, pass) => {
    if (method !== 'eth_getLogs') return undefined;
    const said = answer((await pass()) as Log[]);
    return Array.isArray(said) ? { result: said } : { error: said };
  };

describe('history', () => {
  test('is read whole by one request for logs, and kept for the other contracts that ask for the same range', async () => {
    const [node] = nodes as [TestNode];
    const door = open([node]);
    expect(await history(door)).toEqual(whole);
    expect(await history(door)).toEqual(whole);
    expect(node.asked.filter((method) => method === 'eth_getLogs')).toHaveLength(1);
  });

  test.each([
    ['nothing', 0],
    ['the first log', 1],
    ['half of a block', 8],
    ['whole blocks only', 12],
    ['all but the last log', 23],
  ])('a node that answers with %s and says nothing is found out', async (_what, kept) => {
    const [node] = nodes as [TestNode];
    node.twist = forLogs((logs) => logs.slice(0, kept));
    expect(await history(open([node]))).toEqual(whole);
    expect(said.join()).toContain(`"answered":${kept},"missing":${24 - kept}`);
  });

  test('a node without receipts is found out by blooms, and asked again for each block', async () => {
    const [node] = nodes as [TestNode];
    let cut = 10;
    node.twist = async (call, pass, response) => {
      if (call.method === 'eth_getBlockReceipts') return { error: { code: -32601, message: 'method not found' } };
      return forLogs((logs) => (logs.length > 6 ? logs.slice(0, cut) : logs.slice(0, cut-- > 8 ? 2 : 6)))(
        call,
        pass,
        response,
      );
    };
    expect(await history(open([node]))).toEqual(whole);
    expect(said.join()).toContain('Logs are proved by blooms only');
  });

  test('a range that is too much for a node is asked for in parts', async () => {
    const [node] = nodes as [TestNode];
    node.twist = forLogs((logs) =>
      logs.length > 7 ? { code: -32005, message: 'query returned more than 7 results' } : logs,
    );
    expect(await history(open([node]))).toEqual(whole);
  });

  test('a single block that is too much for a node is read from its receipts', async () => {
    const [node] = nodes as [TestNode];
    node.twist = forLogs((logs) => (logs.length > 5 ? { code: -32000, message: 'response size exceeded' } : logs));
    expect(await history(open([node]))).toEqual(whole);
  });

  test('logs of a block that is not the one on the chain are not believed', async () => {
    const [node] = nodes as [TestNode];
    node.twist = forLogs((logs) => logs.map((it) => ({ ...it, blockHash: `0x${'ab'.repeat(32)}` })));
    expect(await history(open([node]))).toEqual(whole);
  });

  test('with ends only, a second node’s longer answer counts', async () => {
    const [short] = nodes as [TestNode, TestNode];
    short.twist = forLogs((logs) => logs.slice(0, 6));
    expect(await history(open(nodes, { depth: 'ends' }))).toEqual(whole);
  });

  test.each([
    1, 8, 12, 23,
  ])('with ends only, a single node that answers with %i logs is asked for what follows', async (kept) => {
    const [node] = nodes as [TestNode];
    node.twist = forLogs((logs) => logs.slice(0, kept));
    expect(await history(open([node], { depth: 'ends' }))).toEqual(whole);
  });
});

describe('live', () => {
  test('all logs of a block are proved by its receipts', async () => {
    const [node] = nodes as [TestNode];
    const { hash } = (await clientOf(chain).getBlock({ blockNumber: 9n })) as { hash: Hex };
    node.twist = async ({ method }, pass) => {
      if (method !== 'eth_getBlockReceipts') return undefined;
      const receipts = (await pass()) as { logs: unknown[] }[];
      const isFirst = node.asked.filter((asked) => asked === method).length === 1;
      return { result: receipts.map((it) => ({ ...it, logs: isFirst ? it.logs.slice(1) : it.logs })) };
    };
    const logs = await request<Log[]>(open([node]), 'eth_getLogs', [{ blockHash: hash }]);
    expect(placesOf(logs)).toEqual(whole.filter((place) => place.startsWith('9/')));
    expect(node.asked.filter((method) => method === 'eth_getBlockReceipts')).toHaveLength(2);
  });

  test('a block without events costs no request', async () => {
    const [node] = nodes as [TestNode];
    const door = open([node]);
    const { hash } = (await clientOf(chain).getBlock({ blockNumber: 8n })) as { hash: Hex };
    expect(await request(door, 'eth_getLogs', [{ blockHash: hash }])).toEqual([]);
    expect(node.asked).not.toContain('eth_getBlockReceipts');
  });
});

const failing: readonly (readonly [string, Twist])[] = [
  ['errs', async () => ({ error: { code: -32603, message: 'internal error' } })],
  ['limits', async () => ({ error: { code: -32005, message: 'rate limit exceeded' } })],
  ['hangs', async () => 'taken' as const],
  [
    'answers with a status',
    async (_call, _pass, response) => {
      response.writeHead(502).end('bad gateway');
      return 'taken';
    },
  ],
  [
    'wants to be left alone',
    async (_call, _pass, response) => {
      response.writeHead(429, { 'retry-after': '1' }).end('');
      return 'taken';
    },
  ],
  [
    'hangs up',
    async (_call, _pass, response) => {
      response.destroy();
      return 'taken';
    },
  ],
  [
    'talks nonsense',
    async (_call, _pass, response) => {
      response.end('<html>');
      return 'taken';
    },
  ],
];

describe('several nodes', () => {
  test.each(failing)('one that %s is passed over', async (_what, twist) => {
    const [ill, well] = nodes as [TestNode, TestNode];
    ill.twist = twist;
    const door = open(nodes);
    expect(await history(door)).toEqual(whole);
    expect(door.nodes.status().map(({ state }) => state)).toEqual(['down', 'up']);
    const asked = ill.asked.length;
    await history(door, 1, 11);
    expect(ill.asked.length - asked).toBeLessThan(well.asked.length);
    expect(said.join()).not.toContain('secret-key');
  });

  test.each(failing)('a single one that %s for a while is waited for', async (_what, twist) => {
    const [node] = nodes as [TestNode];
    node.twist = async (call, pass, response) => (node.asked.length < 4 ? twist(call, pass, response) : undefined);
    expect(await history(open([node]))).toEqual(whole);
  });

  test('when none answers, the question fails in the end, and says why without the key', async () => {
    for (const node of nodes) node.twist = async () => ({ error: { code: -32603, message: 'out of order' } });
    const failure = history(open(nodes, { patience: 500 }));
    await expect(failure).rejects.toThrow(/127\.0\.0\.1:\d+ answered .* with: out of order/);
    await expect(failure).rejects.not.toThrow(/secret-key/);
  });

  test('one of another chain is left out, and named', async () => {
    const [foreign] = nodes as [TestNode];
    foreign.twist = async ({ method }) => (method === 'eth_chainId' ? { result: '0x1' } : undefined);
    const door = open(nodes);
    expect(await history(door)).toEqual(whole);
    expect(foreign.asked.filter((method) => method === 'eth_getLogs')).toHaveLength(1);
    expect(door.nodes.status()).toMatchObject([{ state: 'foreign' }, { state: 'up' }]);
    expect(said.join()).toMatch(/on another chain and is left out .*it is chain 1/);
  });

  test.each([
    ['of another chain', { chainId: 4242 }],
    ['of a chain with the same id', { genesisTimestamp: 1_700_000_000n }],
  ])('one that comes to be %s while it is in use is believed no more', async (_what, options) => {
    const [first] = nodes as [TestNode];
    const other = await startLocalChain(options);
    try {
      await other.mine(12);
      const { hash } = await chain.call<{ hash: Hex }>('eth_getBlockByNumber', ['0x0', false]);
      for (const moment of [0, 1, 4, 7]) {
        // Its blocks have the right numbers, follow one another, and promise no logs at all.
        first.asked.length = 0;
        first.twist = async ({ method, params }) =>
          first.asked.length > moment ? { result: await other.call(method, params) } : undefined;
        expect(await history(open(nodes, { genesisHash: hash }))).toEqual(whole);
      }
      expect(said.join()).toContain('A node is on another chain and is left out');
    } finally {
      await other.stop();
    }
  });

  test('a node that fails for a moment is heard before it is said that no node has a block', async () => {
    const [right, wrong] = nodes as [TestNode, TestNode];
    const other = await startLocalChain({ genesisTimestamp: 1_700_000_000n });
    try {
      await other.mine(12);
      wrong.twist = async ({ method, params }) => ({ result: await other.call(method, params) });
      right.twist = async () => (right.asked.length < 5 ? { error: { code: -32603, message: 'busy' } } : undefined);
      const { hash } = (await clientOf(chain).getBlock({ blockNumber: 9n })) as { hash: Hex };
      const hashOf = (block: unknown) => (block as { hash: Hex } | null)?.hash;
      const call = { method: 'eth_getBlockByNumber', params: ['0x9', false] };
      const found = await open(nodes).nodes.survey(call, hashOf, (hashes) => hashes.includes(hash));
      expect(found).toContain(hash);
      for (const node of nodes) node.twist = async () => ({ error: { code: -32603, message: 'busy' } });
      await expect(open(nodes, { patience: 500 }).nodes.survey(call, hashOf, () => false)).rejects.toThrow(
        'no node of chain 31337 answered eth_getBlockByNumber',
      );
    } finally {
      await other.stop();
    }
  });

  test('one that does not take several questions at once is asked one by one', async () => {
    const [node] = nodes as [TestNode];
    node.takesBatches = false;
    expect(await history(open([node]))).toEqual(whole);
  });
});

test('a node behind a WebSocket is as good as any', async () => {
  const door = openDoor({
    urls: [chain.url.replace('http:', 'ws:')],
    chainId: BigInt(chain.chainId),
    watched,
    depth: 'headers',
    log,
  });
  expect(await history(door)).toEqual(whole);
  expect(await request(door, 'eth_getBlockByNumber', ['0xffffff', false])).toBeNull();
  expect(door.nodes.status()).toMatchObject([{ state: 'up', faults: 0 }]);
});

describe('the head', () => {
  const behind =
    (by: number): Twist =>
    async ({ method, params }, pass) => {
      if (method !== 'eth_getBlockByNumber') return undefined;
      const head = Number(await chain.call<string>('eth_blockNumber')) - by;
      if (params[0] === 'latest')
        return { result: await chain.call('eth_getBlockByNumber', [`0x${head.toString(16)}`, params[1]]) };
      return Number(params[0]) > head ? { result: null } : { result: await pass() };
    };
  const headOf = async (door: Door) =>
    Number((await request<{ number: Hex }>(door, 'eth_getBlockByNumber', ['latest', true])).number);

  test('never goes back to a node that lags', async () => {
    const [first, second] = nodes as [TestNode, TestNode];
    const door = open(nodes);
    const head = await headOf(door);
    first.twist = behind(4);
    expect(await headOf(door)).toBe(head);
    second.twist = behind(4);
    // Nobody has it any more, but nobody has anything in its place either: that is disbelieved for a while.
    expect(await headOf(door)).toBe(head);
  });

  test('is the highest that any node tells, though the first that is asked stands still', async () => {
    const [first] = nodes as [TestNode, TestNode];
    first.twist = behind(4);
    const door = open(nodes);
    expect(await headOf(door)).toBe(Number(await chain.call<string>('eth_blockNumber')));
  });

  test('goes back at once when other blocks are in the place of those that were', async () => {
    const door = open(nodes);
    const client = clientOf(chain);
    await client.mine({ blocks: 3 });
    const head = await headOf(door);
    await chain.call('anvil_rollback', [3]);
    await client.increaseTime({ seconds: 100 });
    await client.mine({ blocks: 2 });
    expect(await headOf(door)).toBe(head - 1);
  });

  test('a block that one node does not have yet is read from another', async () => {
    const [first] = nodes as [TestNode, TestNode];
    const door = open(nodes);
    const head = await headOf(door);
    first.twist = behind(4);
    expect(await request(door, 'eth_getBlockByNumber', [`0x${head.toString(16)}`, false])).not.toBeNull();
    expect(await request(door, 'eth_getBlockByNumber', [`0x${(head + 1).toString(16)}`, false])).toBeNull();
  });

  test.each([
    ['the newest', false],
    ['an older', true],
  ])('logs of %s block that was taken back are given up within moments, and no node is blamed', async (_what, older) => {
    const [node] = nodes as [TestNode];
    const door = open([node]);
    const client = clientOf(chain);
    const [account] = await client.getAddresses();
    const call = { account: account!, chain: null, to: emitter, data: topics[0], gas: 100_000n };
    // Sent is not yet mined.
    await client.waitForTransactionReceipt({ hash: await client.sendTransaction(call) });
    const { hash } = await request<{ hash: Hex }>(door, 'eth_getBlockByNumber', ['latest', true]);
    const logs = () => request<Log[]>(door, 'eth_getLogs', [{ blockHash: hash }]);
    expect(await logs()).toHaveLength(2);
    await chain.call('anvil_rollback', [1]);
    await client.increaseTime({ seconds: 100 });
    await client.mine({ blocks: 2 });
    if (older) await headOf(door);
    // Any other code would have Ponder ask for a minute and more, and follow nothing meanwhile.
    await expect(logs()).rejects.toMatchObject({ code: -32_004, details: `no node has block ${hash} any more` });
    expect(door.nodes.status()).toMatchObject([{ state: 'up', faults: 0 }]);
  });
});

test('a node that was left on a branch is believed in nothing that lies on it, however old it is', async () => {
  const own = await startLocalChain();
  const [left, right] = await Promise.all([startTestNode(own.url), startTestNode(own.url)]);
  try {
    const client = clientOf(own);
    await client.setCode({ address: emitter, bytecode: emitterCode });
    const [account] = await client.getAddresses();
    const old = new Map<string, unknown>();
    for (let number = 1; number <= 40; number++) {
      const call = { account: account!, chain: null, to: emitter, data: topics[0], gas: 100_000n };
      await client.waitForTransactionReceipt({ hash: await client.sendTransaction(call) });
      const at = `0x${number.toString(16)}`;
      const block = await own.call<{ hash: string }>('eth_getBlockByNumber', [at, true]);
      old.set(at, block).set(block.hash, await own.call('eth_getBlockReceipts', [block.hash]));
    }
    old.set('latest', old.get('0x28'));
    const oldLogs = await own.call<Log[]>('eth_getLogs', [{ address: emitter, fromBlock: '0x1', toBlock: '0x28' }]);
    await own.call('anvil_reorg', [10, []]);
    await own.mine(45);
    left.twist = async ({ method, params: [first] }) => {
      if (method === 'eth_getBlockByNumber' && first !== '0x0') return { result: old.get(String(first)) ?? null };
      if (method === 'eth_getBlockReceipts' && old.has(String(first))) return { result: old.get(String(first)) };
      return method === 'eth_getLogs' ? { result: oldLogs } : undefined;
    };
    const canonical = await own.call<{ hash: string }>('eth_getBlockByNumber', ['0x23', false]);
    for (const node of [left, right]) node.asked.length = 0;
    const door = open([left, right]);
    const logs = await history(door, 1, 40);
    expect(logs).toEqual(Array.from({ length: 30 }, (_, i) => [`${i + 1}/0`, `${i + 1}/1`]).flat());
    for (const full of [true, false]) {
      expect(await request(door, 'eth_getBlockByNumber', ['0x23', full])).toMatchObject({ hash: canonical.hash });
    }
    expect(left.asked.length).toBeGreaterThan(0);
  } finally {
    await Promise.all([left, right].map((node) => node.close()));
    await own.stop();
  }
});
