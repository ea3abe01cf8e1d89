import { setTimeout as wait } from 'node:timers/promises';
import type { Hex } from 'viem';
import { createNode, type Door, originOf, type RpcLog } from '../rpc/index.ts';
import { ConfigError } from './config.ts';

/** A block's place on the chain. */
export type BlockRef = { number: bigint; hash: Hex };

/** What has to be asked of a chain to tell whether it is the one that was indexed. */
export type Chain = {
  id: bigint;
  genesisHash: Hex;
  head: () => Promise<BlockRef>;
  /** `undefined` beyond the head. */
  hashAt: (number: bigint) => Promise<Hex | undefined>;
  /** Whether a block stands as it was. `other` only when no node has it and one has another in its place. */
  standing: (block: BlockRef) => Promise<'same' | 'absent' | 'other'>;
};

export type ChainOptions = {
  /** The variable that lists the nodes. */
  variable: string;
  urls: readonly string[];
  /** The chain they should be of. */
  chainId: bigint;
  log: RpcLog;
};

/** Milliseconds that nodes get to come up, and for one answer of theirs. */
const patience = 10_000;
const timeout = 4_000;

/**
 * The chain id that the nodes give: the expected one if any does, as the others are then left out.
 * @throws ConfigError naming the variable, when no node answers within ten seconds.
 */
export const chainIdOf = async ({ variable, urls, chainId, log }: ChainOptions): Promise<bigint> => {
  const deadline = Date.now() + patience;
  for (let round = 0; ; round++) {
    const answers = await Promise.allSettled(
      urls.map(async (url) =>
        BigInt(String(await createNode(url, timeout).ask({ method: 'eth_chainId', params: [] }))),
      ),
    );
    const ids = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    if (ids.includes(chainId)) return chainId;
    if (ids[0] !== undefined) return ids[0];
    const reasons = answers.map((answer) => (answer.status === 'rejected' ? reasonOf(answer.reason) : ''));
    if (Date.now() >= deadline) {
      throw new ConfigError(
        `${variable} ${urls.map(originOf).join(', ')} does not answer as a chain: ${reasons[0] ?? 'no node is listed'}`,
      );
    }
    if (round === 0) log('No node of the chain answers yet; waiting', { variable, because: reasons });
    await wait(1_000);
  }
};

/** @throws ConfigError when the nodes have no block 0. */
export const openChain = async (door: Door, { variable, urls, chainId }: ChainOptions): Promise<Chain> => {
  const { nodes, head, blocks } = door;
  const hashAt = async (number: bigint) => (await blocks.byNumber(number, false))?.hash;
  const genesisHash = await hashAt(0n);
  if (genesisHash === undefined) {
    throw new ConfigError(`${variable} ${urls.map(originOf).join(', ')} does not answer as a chain: it has no block 0`);
  }
  return {
    id: chainId,
    genesisHash,
    head: async () => {
      const { number, hash } = await head.read();
      return { number: BigInt(number), hash };
    },
    hashAt,
    standing: async ({ number, hash }) => {
      if ((await hashAt(number)) === hash) return 'same';
      const answers = await nodes.askAll(
        { method: 'eth_getBlockByNumber', params: [`0x${number.toString(16)}`, false] },
        (answer) => (answer as { hash?: Hex } | null)?.hash,
      );
      if (answers.some(({ answer }) => answer === hash)) return 'same';
      return answers.some(({ answer }) => answer !== undefined) ? 'other' : 'absent';
    },
  };
};

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
