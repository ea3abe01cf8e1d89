import { type Hex, numberToHex } from 'viem';
import { numberOf, type RawBlock } from './block.ts';
import type { Blocks } from './blocks.ts';
import { readBloom } from './bloom.ts';
import { RpcFault } from './fault.ts';
import type { Nodes, RpcLog } from './nodes.ts';
import type { Proof } from './proof.ts';
import { type RawLog, readLogs } from './receipts.ts';

/** Which events of which contracts are indexed: the topics of each address, both in lower case. */
export type Watched = ReadonlyMap<Hex, ReadonlySet<Hex>>;

/**
 * How much is read to make sure that no log of the past is missing.
 * `headers`: the header of every block; each whose bloom could hold a log of ours, and has none, is proved by its receipts.
 * `ends`: only the blocks with logs and the last of each range; what one node says is confirmed by another where there is
 * one. For chains whose blocks are many and full of others' logs, such as Ethereum's.
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

  /** One node's answer. @throws RpcFault refused, when it is too much for one answer. */
  const ask = (from: bigint, to: bigint): Promise<readonly RawLog[]> =>
    nodes.ask(
      {
        method: 'eth_getLogs',
        params: [{ address: addresses, fromBlock: numberToHex(from), toBlock: numberToHex(to) }],
      },
      (answer, node) => {
        const logs = readLogs(answer, node);
        const isOutside = ({ blockNumber }: RawLog) => BigInt(blockNumber) < from || BigInt(blockNumber) > to;
        if (logs.some(isOutside)) throw new RpcFault('unfit', `${node.origin} answered with logs of other blocks`);
        return logs.filter(isWatched);
      },
    );

  /** What nodes say, in as many answers as they want; each with the part of the range that it is about. */
  const answers = async (from: bigint, to: bigint): Promise<readonly Answer[]> => {
    const found: Answer[] = [];
    for (let next = from; next <= to; ) {
      const last = next + span - 1n < to ? next + span - 1n : to;
      try {
        found.push({ from: next, to: last, logs: await ask(next, last) });
        next = last + 1n;
        if (span < widest) span += span / 8n + 1n;
      } catch (error) {
        const isTooMuch = error instanceof RpcFault && error.kind === 'refused';
        if (!isTooMuch || last === next) throw error;
        span = (last - next + 1n) / 2n;
      }
    }
    return found;
  };

  const complete = async ({ from, to, logs }: Answer): Promise<readonly RawLog[]> => {
    const perBlock = Map.groupBy(logs, ({ blockNumber }) => BigInt(blockNumber));
    const headers = await headersOf(from, to, perBlock);
    const lastWithLogs = [...perBlock.keys()].reduce((last, number) => (number > last ? number : last), -1n);
    let missing = 0;
    const checked = await eachOf(headers, async (block): Promise<readonly RawLog[]> => {
      const number = numberOf(block);
      const said = perBlock.get(number) ?? [];
      const isCertain = said.length > 0 ? number !== lastWithLogs : !mayHaveOurs(block);
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

  /** With `ends`, a second node's word counts as much as the first's: the longer answer is the less truncated. */
  const confirmed = async (answer: Answer): Promise<Answer> => {
    if (depth === 'headers' || nodes.status().length === 1) return answer;
    const others = await nodes.askAll(
      {
        method: 'eth_getLogs',
        params: [{ address: addresses, fromBlock: numberToHex(answer.from), toBlock: numberToHex(answer.to) }],
      },
      (said, node) => readLogs(said, node).filter(isWatched),
    );
    const logs = others.reduce(
      (longest, { answer: said }) => (said.length > longest.length ? said : longest),
      answer.logs,
    );
    return { ...answer, logs };
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

type Answer = { readonly from: bigint; readonly to: bigint; readonly logs: readonly RawLog[] };

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
