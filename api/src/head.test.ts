import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { afterEach, expect, test } from 'vitest';
import { startNode, type TestNode } from '../test/node.ts';
import { createChainHead, type Outlook } from './head.ts';

const chain = { chainId: 31337n, block: 100n, timestamp: 1_800_000_000n };
let nodes: TestNode[] = [];
afterEach(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  nodes = [];
});

async function start(head: Partial<typeof chain> = {}): Promise<TestNode> {
  const node = await startNode({ ...chain, ...head });
  nodes.push(node);
  return node;
}

/** A head of these nodes, and what was logged: each URL holds a login and a key. */
function headOf(...asked: TestNode[]) {
  const logged: Record<string, unknown>[] = [];
  const log = pino({ base: null, timestamp: false }, { write: (line) => logged.push(JSON.parse(line)) });
  const urls = asked.map(({ url }) => `${url.replace('//', '//me:hush%21@')}/v2/key`);
  return { look: createChainHead({ urls, chainId: chain.chainId, log }), logged };
}

const seen = ({ head, nodes: { up } }: Outlook) => ({ block: head?.block, up });
const took = async <T>(run: () => Promise<T>) => {
  const began = performance.now();
  return { result: await run(), ms: performance.now() - began };
};
/** The nodes are asked once a second. */
const nextRound = () => sleep(1050);

test('the highest block of the nodes that answer is the head, with the time of that block', async () => {
  const { look } = headOf(await start({ block: 98n }), await start({ block: 101n, timestamp: 1_800_000_012n }));
  const { head, nodes: counts } = await look();
  expect(head).toMatchObject({ block: 101n, timestamp: 1_800_000_012n });
  expect(Math.abs(Number(head!.seenAt) - Date.now() / 1000)).toBeLessThan(5);
  expect(counts).toEqual({ total: 2, up: 2, elsewhere: 0 });
});

test('a login in the URL is sent as the header that HTTP has for it', async () => {
  const node = await start();
  const { look } = headOf(node);
  await look();
  expect(node.asked.map(({ method }) => method).sort()).toEqual(['eth_chainId', 'eth_getBlockByNumber']);
  expect(node.asked[0]!.authorization).toBe(`Basic ${btoa('me:hush!')}`);
});

test('however many look, a node is asked once a second, and for its chain once a minute', async () => {
  const node = await start();
  const { look } = headOf(node);
  await Promise.all(Array.from({ length: 500 }, look));
  await nextRound();
  await Promise.all(Array.from({ length: 500 }, look));
  await expect.poll(() => node.asked.length).toBe(3);
});

test('a node that hangs holds people up once, for 1.5 s at most, and no more after that', async () => {
  const [good, bad] = [await start(), await start({ block: 200n })];
  bad.manner = 'silent';
  const { look, logged } = headOf(good, bad);
  const first = await took(look);
  expect(seen(first.result)).toEqual({ block: 100n, up: 1 });
  expect(first.ms).toBeGreaterThan(1000);
  expect(first.ms).toBeLessThan(4000);
  for (const block of [101n, 102n]) {
    good.block = block;
    await nextRound();
    await look();
    await expect.poll(async () => seen(await look()), { timeout: 8000 }).toEqual({ block, up: 1 });
  }
  await sleep(3100);
  const waited = await took(look);
  expect(seen(waited.result)).toEqual({ block: 102n, up: 1 });
  expect(waited.ms).toBeLessThan(1400);
  expect(logged).toEqual([
    {
      level: 40,
      node: bad.url,
      reason: expect.stringMatching(/^eth_\w+: no answer within 1500 ms$/),
      msg: 'node fails',
    },
  ]);
});

test.each([
  ['broken', /^answers eth_\w+ with HTTP 500$/],
  ['erring', /^answers eth_\w+ with error -32005$/],
  ['nonsense', /^eth_\w+: the answer is not JSON$/],
] as const)('a node that is %s is left out, told of once, and used again once it is well', async (manner, reason) => {
  const [good, bad] = [await start(), await start({ block: 200n })];
  bad.manner = manner;
  const { look, logged } = headOf(good, bad);
  expect(seen(await look())).toEqual({ block: 100n, up: 1 });
  await nextRound();
  await look();
  bad.manner = 'right';
  await expect.poll(async () => seen(await look()), { timeout: 8000 }).toEqual({ block: 200n, up: 2 });
  expect(logged).toEqual([
    { level: 40, node: bad.url, reason: expect.stringMatching(reason), msg: 'node fails' },
    { level: 30, node: bad.url, msg: 'node answers again' },
  ]);
});

test('a node that goes on failing is asked less and less often', async () => {
  const [good, bad] = [await start(), await start()];
  bad.manner = 'broken';
  const { look } = headOf(good, bad);
  for (let round = 0; round < 5; round++) {
    await look();
    await nextRound();
  }
  const rounds = ({ asked }: TestNode) => asked.filter(({ method }) => method === 'eth_getBlockByNumber').length;
  expect(rounds(bad)).toBeGreaterThan(1);
  expect(rounds(bad)).toBeLessThan(rounds(good));
});

test('a node that is gone does not hide the others', async () => {
  const [good, gone] = [await start(), await start({ block: 200n })];
  await gone.stop();
  const { look, logged } = headOf(good, gone);
  expect(seen(await look())).toEqual({ block: 100n, up: 1 });
  expect(logged).toMatchObject([
    { node: gone.url, reason: expect.stringMatching(/cannot be reached \(ECONNREFUSED\)$/) },
  ]);
});

test('a node on another chain is never believed, and told of once, by its origin only', async () => {
  const [good, other] = [await start(), await start({ chainId: 1n, block: 20_000_000n })];
  const { look, logged } = headOf(good, other);
  for (let rounds = 0; rounds < 3; rounds++) {
    expect((await look()).head?.block).toBe(100n);
    await nextRound();
  }
  expect((await look()).nodes).toEqual({ total: 2, up: 1, elsewhere: 1 });
  expect(logged).toEqual([
    { level: 50, node: other.url, chainId: '1', expected: '31337', msg: 'node is on another chain' },
  ]);
  expect(JSON.stringify(logged)).not.toMatch(/hush|key/);
});

test('when no node answers any more, the last head stays known with the time it was seen', async () => {
  const node = await start();
  const { look } = headOf(node);
  const before = await look();
  node.manner = 'silent';
  await sleep(3100);
  const { result: after, ms } = await took(look);
  expect(after.head).toEqual(before.head);
  expect(after.nodes).toEqual({ total: 1, up: 0, elsewhere: 0 });
  expect(ms).toBeLessThan(4000);
});

test('a chain that goes back is followed back', async () => {
  const node = await start();
  const { look } = headOf(node);
  await look();
  node.block = 90n;
  await nextRound();
  await look();
  await expect.poll(async () => seen(await look()), { timeout: 8000 }).toEqual({ block: 90n, up: 1 });
});
