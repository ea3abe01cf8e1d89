import { setTimeout as wait } from 'node:timers/promises';
import { custom, type Hex, numberToHex, type Transport } from 'viem';
import type { RawBlock } from './block.ts';
import { createBlocks } from './blocks.ts';
import { goneBlock } from './fault.ts';
import { createHead, type Head } from './head.ts';
import { createHistory, type Depth, type History, type Watched } from './history.ts';
import type { Call } from './node.ts';
import { createNodes, type Nodes, type NodesOptions } from './nodes.ts';
import { createProof } from './proof.ts';
import type { RawLog } from './receipts.ts';
import { createTrunk } from './trunk.ts';

/** A chain as the indexer reads it: several nodes behind one door, whose answers are checked before anyone sees them. */
export type Door = {
  readonly nodes: Nodes;
  readonly head: Head;
  readonly blocks: ReturnType<typeof createBlocks>;
  readonly history: History;
  /** For Ponder. */
  readonly transport: Transport;
};

export type DoorOptions = NodesOptions & {
  readonly watched: Watched;
  readonly depth: Depth;
  /** The head as it is known already, so that a node that lags cannot have a new door begin behind it. */
  readonly head?: Head | undefined;
};

type LogFilter = {
  readonly address?: Hex | readonly Hex[];
  readonly topics?: readonly (Hex | readonly Hex[] | null)[];
  readonly fromBlock?: Hex;
  readonly toBlock?: Hex;
  readonly blockHash?: Hex;
};

/** Further looks for a block that is missing, within a second. */
const looks = 4;
/** Ranges whose logs are kept: Ponder asks for one range once for each contract, all at about the same time. */
const rangesKept = 4;

export const openDoor = (options: DoorOptions): Door => {
  const { log = () => {}, watched } = options;
  const nodes = createNodes(options);
  const head = options.head ?? createHead(nodes);
  const blocks = createBlocks(nodes, createTrunk(nodes, head));
  const proof = createProof(nodes, log);
  const history = createHistory({ nodes, blocks, proof, watched, depth: options.depth, log });
  const ranges = new Map<string, Promise<ReadonlyMap<Hex, readonly RawLog[]>>>();

  const logsOfRange = (from: Hex, to: Hex) => {
    const key = `${from} ${to}`;
    const before = ranges.get(key);
    if (before !== undefined) return before;
    const logs = history
      .logs(BigInt(from), BigInt(to))
      .then((all) => Map.groupBy(all, ({ address }) => address.toLowerCase() as Hex));
    ranges.set(key, logs);
    logs.catch(() => ranges.delete(key));
    if (ranges.size > rangesKept) ranges.delete(ranges.keys().next().value!);
    return logs;
  };

  const logsOfBlock = async (hash: Hex): Promise<readonly RawLog[]> => {
    const seen = head.last()?.block;
    if (seen?.hash === hash) return proof.logsOf(seen);
    for (let look = 0; ; look++) {
      const block = await blocks.byHash(hash, false);
      if (block !== null) return proof.logsOf(block);
      // A balancer's nodes are not all at the same block.
      if (look === looks) throw goneBlock(hash);
      await wait(50 * 2 ** look);
    }
  };

  const getLogs = async (call: Call): Promise<unknown> => {
    const { address, topics, fromBlock, toBlock, blockHash } = call.params[0] as LogFilter;
    if (blockHash !== undefined) return logsOfBlock(blockHash);
    const wanted = address === undefined ? undefined : [address].flat();
    if (fromBlock === undefined || toBlock === undefined || !wanted?.every((item) => watched.has(item))) {
      return nodes.ask(call, (answer) => answer);
    }
    const logs = await logsOfRange(fromBlock, toBlock);
    const hasTopics = withTopics(topics ?? []);
    return wanted.flatMap((item) => (logs.get(item) ?? []).filter(hasTopics));
  };

  /** Ponder asks by the clock, answered or not: while the nodes hang, all its questions wait for one answer. */
  let reading: Promise<RawBlock> | undefined;
  const readHead = (): Promise<RawBlock> => {
    reading ??= head.read().finally(() => {
      reading = undefined;
    });
    return reading;
  };

  const request = async (call: Call): Promise<unknown> => {
    const [first, full] = call.params as [Hex | 'latest', boolean];
    switch (call.method) {
      case 'eth_chainId':
        return numberToHex(options.chainId);
      case 'eth_getBlockByNumber':
        // Who gets it may change it.
        if (first === 'latest') return { ...(await readHead()) };
        return first.startsWith('0x') ? blocks.byNumber(BigInt(first), full) : nodes.ask(call, (answer) => answer);
      case 'eth_getBlockByHash':
        return blocks.byHash(first as Hex, full);
      case 'eth_getLogs':
        return getLogs(call);
      default:
        return nodes.ask(call, (answer) => answer);
    }
  };

  const transport = custom({
    request: ({ method, params = [] }: { method: string; params?: readonly unknown[] }) => request({ method, params }),
  });
  return { nodes, head, blocks, history, transport };
};

const withTopics = (wanted: readonly (Hex | readonly Hex[] | null)[]) => {
  const sets = wanted.map((want) => (want === null ? undefined : new Set([want].flat())));
  return ({ topics }: RawLog): boolean =>
    sets.every((set, i) => {
      const topic = topics[i];
      return set === undefined || (topic !== undefined && set.has(topic));
    });
};
