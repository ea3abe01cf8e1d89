import { type Hex, numberToHex } from 'viem';
import { numberOf, type RawBlock } from './block.ts';
import type { Blocks } from './blocks.ts';
import { readBloom } from './bloom.ts';
import { RpcFault } from './fault.ts';
import type { Node } from './node.ts';
import type { Nodes, RpcLog } from './nodes.ts';
import type { Proof } from './proof.ts';
import { type RawLog, readLogs } from './receipts.ts';

/** Which events of which contracts are indexed: the topics of each address, both in lower case. */
export type Watched = ReadonlyMap<Hex, ReadonlySet<Hex>>;

/**
 * How much is read to make sure that no log of the past is missing.
 * `headers`: the header of every block; each whose bloom could hold a log of ours, and has none, is proved by its receipts.
 * `ends`: only the blocks with logs and the last of each range; what one node says is confirmed by another, or, where there
 * is none, by asking it again for what follows. For chains whose blocks are many and full of others' logs, like Ethereum's.
 */
export type Depth = 'headers' | 'ends';

/** Reads every watched log of a range of blocks that can no longer be taken back. */
export type History = { logs: (from: bigint, to: bigint) => Promise<readonly RawLog[]> };

/** Blocks in one question for logs, until a node says that it is too many. */
const widest = 2_000n;

/**
 * A node may leave logs out of a long answer without a word. What it leaves out is found by what the headers promise: a
 * block whose bloom has one of our contracts and one of its events, but no log in the answer, and the last block in an
 * answer, which may have been cut in its middle, are read again from their receipts, which prove themselves.
 */
export const createHistory = ({
  nodes,
  blocks,
  proof,
  watched,
  depth,
  log,
}: {
  nodes: Nodes;
  blocks: Blocks;
  proof: Proof;
  watched: Watched;
  depth: Depth;
  log: RpcLog;
}): History => {
  const addresses = [...watched.keys()];
  let span = widest;

  const isWatched = ({ address, topics: [topic] }: RawLog) =>
    topic !== undefined && watched.get(address.toLowerCase() as Hex)?.has(topic) === true;

  const mayHaveOurs = ({ logsBloom }: RawBlock) => {
    const bloom = readBloom(logsBloom);
    return addresses.some((address) => bloom.mayHave(address) && [...watched.get(address)!].some(bloom.mayHave));
  };

  const logsCall = (from: bigint, to: bigint) => ({
    method: 'eth_getLogs',
    params: [{ address: addresses, fromBlock: numberToHex(from), toBlock: numberToHex(to) }],
  });
  const readWatched = (answer: unknown, node: Node) => readLogs(answer, node).filter(isWatched);

  /** One node's answer. @throws RpcFault refused, when it is too much for one answer. */
  const ask = (from: bigint, to: bigint): Promise<readonly RawLog[]> =>
    nodes.ask(logsCall(from, to), (answer, node) => {
      const logs = readWatched(answer, node);
      const isOutside = ({ blockNumber }: RawLog) => BigInt(blockNumber) < from || BigInt(blockNumber) > to;
      if (logs.some(isOutside)) throw new RpcFault('unfit', `${node.origin} answered with logs of other blocks`);
      return logs;
    });

  /** What nodes say, in as many answers as they want; each with the part of the range that it is about. */
  const answers = async (from: bigint, to: bigint): Promise<readonly Answer[]> => {
    const found: Answer[] = [];
    for (let next = from; next <= to; ) {
      const last = next + span - 1n < to ? next + span - 1n : to;
      try {
        found.push(answerOf(next, last, await ask(next, last)));
        next = last + 1n;
        if (span < widest) span += span / 8n + 1n;
      } catch (error) {
        const isTooMuch = error instanceof RpcFault && error.kind === 'refused';
        if (!isTooMuch) throw error;
        span = last === next ? 1n : (last - next + 1n) / 2n;
        if (last > next) continue;
        // One block alone is too much for an answer: its receipts are not.
        found.push(answerOf(next, next, []));
        next += 1n;
      }
    }
    return found;
  };

  const complete = async ({ from, to, logs, cuts }: Answer): Promise<readonly RawLog[]> => {
    const perBlock = Map.groupBy(logs, ({ blockNumber }) => BigInt(blockNumber));
    const headers = await headersOf(from, to, perBlock);
    let missing = 0;
    const checked = await eachOf(headers, async (block): Promise<readonly RawLog[]> => {
      const number = numberOf(block);
      const said = perBlock.get(number) ?? [];
      const isCertain = said.length > 0 ? !cuts.includes(number) : !mayHaveOurs(block);
      const isSame = said.every(({ blockHash }) => blockHash === block.hash);
      if (isCertain && isSame) return said;
      const all = (await proof.logsOf(block)).filter(isWatched);
      if (isSame) missing += all.length - said.length;
      return all;
    });
    if (missing > 0) {
      log('Logs were missing from the answer of a node and were read from receipts', {
        blocks: `${from} to ${to}`,
        answered: logs.length,
        missing,
      });
    }
    return checked.flat();
  };

  /** The blocks that vouch for an answer, with transactions where it has logs. */
  const headersOf = async (from: bigint, to: bigint, perBlock: ReadonlyMap<bigint, unknown>) => {
    if (depth === 'headers') return blocks.range(from, to, (number) => perBlock.has(number));
    const wanted = [...new Set([...perBlock.keys(), to])].sort((a, b) => Number(a - b));
    const found = await eachOf(wanted, (number) => blocks.range(number, number, (it) => perBlock.has(it)));
    return found.flat();
  };

  /** With `ends`, what was said is said again: by the other nodes, or by the only one about what follows its last log. */
  const confirmed = async (answer: Answer): Promise<Answer> => {
    if (depth === 'headers') return answer;
    if (nodes.status().length === 1) return withTail(answer);
    const others = await nodes.askAll(logsCall(answer.from, answer.to), readWatched);
    const longest = others.reduce((long, said) => (said.length > long.length ? said : long), answer.logs);
    return answerOf(answer.from, answer.to, longest);
  };

  /** An answer that was cut goes on behind its last log. */
  const withTail = async (answer: Answer): Promise<Answer> => {
    const last = answer.cuts.at(-1);
    if (last === undefined || last === answer.to) return answer;
    const tail = answerOf(last + 1n, answer.to, await ask(last + 1n, answer.to));
    if (tail.logs.length === 0) return answer;
    const { logs, cuts } = await withTail(tail);
    return { ...answer, logs: [...answer.logs, ...logs], cuts: [...answer.cuts, ...cuts] };
  };

  return {
    logs: async (from, to) => {
      const found: RawLog[] = [];
      for (const answer of await answers(from, to)) {
        for (const item of await complete(await confirmed(answer))) found.push(item);
      }
      return found;
    },
  };
};

/** What a node said of a range, and the blocks in whose middle it may have stopped: each time the last it told of. */
type Answer = {
  readonly from: bigint;
  readonly to: bigint;
  readonly logs: readonly RawLog[];
  readonly cuts: readonly bigint[];
};

const answerOf = (from: bigint, to: bigint, logs: readonly RawLog[]): Answer => {
  const last = logs.reduce((high, { blockNumber }) => (BigInt(blockNumber) > high ? BigInt(blockNumber) : high), -1n);
  return { from, to, logs, cuts: last === -1n ? [] : [last] };
};

const atATime = 8;

const eachOf = async <item, result>(
  items: readonly item[],
  act: (item: item) => Promise<result>,
): Promise<readonly result[]> => {
  const results: result[] = [];
  for (let i = 0; i < items.length; i += atATime) {
    results.push(...(await Promise.all(items.slice(i, i + atATime).map(act))));
  }
  return results;
};
