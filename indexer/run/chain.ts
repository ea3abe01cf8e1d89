import { setTimeout as wait } from 'node:timers/promises';
import { type Hex, numberToHex } from 'viem';
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
  /** Whether any of the blocks from the first to the last holds an event that is indexed. */
  hasEvents: (from: bigint, to: bigint) => Promise<boolean>;
};

export type ChainOptions = {
  /** The variable that lists the nodes. */
  variable: string;
  urls: readonly string[];
  /** The chain they should be of, and its block 0 where that is known. */
  chainId: bigint;
  genesisHash: Hex | undefined;
  log: RpcLog;
};

export type ChainIdentity = { id: bigint; genesisHash: Hex | undefined };

/** Milliseconds that nodes get to come up, and for one answer of theirs. */
const patience = 10_000;
const timeout = 4_000;

/**
 * Which chain the nodes are of: the expected one if any of them is, as the others are then left out.
 * @throws ConfigError naming the variable, when no node answers within ten seconds.
 */
export const identityOf = async (options: ChainOptions): Promise<ChainIdentity> => {
  const { variable, urls, chainId, genesisHash, log } = options;
  const deadline = Date.now() + patience;
  for (let round = 0; ; round++) {
    const answers = await Promise.allSettled(urls.map(askIdentity));
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    const ours = found.filter(({ id }) => id === chainId);
    const exact = ours.find((identity) => genesisHash === undefined || identity.genesisHash === genesisHash);
    if (exact !== undefined) return exact;
    const isOver = Date.now() >= deadline;
    const other = ours[0] ?? found[0];
    // The one that is waited for may be among those that do not answer yet.
    if (other !== undefined && (isOver || found.length === urls.length)) return other;
    const reasons = answers.map((answer) => (answer.status === 'rejected' ? reasonOf(answer.reason) : ''));
    if (isOver) throw noChain(options, reasons[0] ?? 'no node is listed');
    if (round === 0) log('No node of the chain answers yet; waiting', { variable, because: reasons });
    await wait(1_000);
  }
};

const askIdentity = async (url: string): Promise<ChainIdentity> => {
  const [id, block] = await createNode(url, timeout).askMany([
    { method: 'eth_chainId', params: [] },
    { method: 'eth_getBlockByNumber', params: ['0x0', false] },
  ]);
  if (id?.status !== 'fulfilled') throw id?.reason;
  if (block?.status !== 'fulfilled') throw block?.reason;
  return { id: BigInt(String(id.value)), genesisHash: (block.value as { hash?: Hex } | null)?.hash };
};

/** @throws ConfigError when the nodes have no block 0. */
export const openChain = async (door: Door, options: ChainOptions): Promise<Chain> => {
  const { nodes, head, blocks, history } = door;
  const hashAt = async (number: bigint) => (await blocks.byNumber(number, false))?.hash;
  const genesisHash = await hashAt(0n);
  if (genesisHash === undefined) throw noChain(options, 'it has no block 0');
  return {
    id: options.chainId,
    genesisHash,
    head: async () => {
      const { number, hash } = await head.read();
      return { number: BigInt(number), hash };
    },
    hashAt,
    hasEvents: async (from, to) => (await history.logs(from, to)).length > 0,
    standing: async ({ number, hash }) => {
      const call = { method: 'eth_getBlockByNumber', params: [numberToHex(number), false] };
      const hashes = await nodes.survey(
        call,
        (block) => (block as { hash?: Hex } | null)?.hash,
        (found) => found.includes(hash),
      );
      if (hashes.includes(hash)) return 'same';
      return hashes.some((found) => found !== undefined) ? 'other' : 'absent';
    },
  };
};

const noChain = ({ variable, urls }: ChainOptions, reason: string) =>
  new ConfigError(`${variable} ${urls.map(originOf).join(', ')} does not answer as a chain: ${reason}`);

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
