import type { Sql } from 'postgres';
import type { Block } from './chain-node.ts';
import { type ChainStatus, type Published, readCheckpoints } from './checkpoints.ts';
import type { Halt } from './halt.ts';
import type { Head, Outlook } from './head.ts';
import { shared } from './shared.ts';
import { isoTime, unixNow } from './time.ts';

export type Lag = {
  readonly blocks: bigint;
  readonly seconds: bigint;
};

/** How far the index is. */
export type IndexStatus = {
  /** Every chain in the index; empty while the indexer has not published its views. */
  readonly chains: readonly ChainStatus[];
  /** The protocol's among them. */
  readonly own: ChainStatus | null;
  /** The newest block of the protocol's chain that was seen; null until a node has answered. */
  readonly head: Head | null;
  /** How far the index is behind that; null when either end is unknown. */
  readonly lag: Lag | null;
  readonly ready: boolean;
  /** Why it is not ready, for people; null when it is. */
  readonly reason: string | null;
  /** What the operator has to do about it, where waiting does not help. */
  readonly remedy: string | null;
};

/** Since when the index has stood at a block while the chain has a newer one. */
export type Standstill = {
  readonly block: bigint;
  /** Unix seconds. */
  readonly since: bigint;
  /** The same by `performance.now()`, milliseconds. */
  readonly at: number;
};

/** What readiness is judged by. */
export type Facts = {
  readonly chainId: bigint;
  readonly published: Published | null;
  readonly outlook: Outlook;
  readonly halt: Halt | null;
  readonly standstill: Standstill | null;
  /** By `performance.now()`, milliseconds. */
  readonly now: number;
};

const FRESH_MS = 500;
/** An RPC provider may pause this long before the head counts as unknown. */
const SILENT_MS = 15_000;
/**
 * Behind by more than both of these, the index is not ready. Blocks alone would condemn an index that is a second
 * behind a fast chain, seconds alone one whose chain has just made its first block in a minute.
 */
const MAX_LAG: Lag = { blocks: 2n, seconds: 30n };
/** An index that stands still this long while there is a block to index is not ready, however slow its chain is. */
const STANDSTILL_MS = 20_000;
/** Silence and standstill are noticed within 30 s if the status is read at least this often. */
export const WATCH_MS = 5000;

type Options = {
  readonly sql: Sql;
  readonly look: () => Promise<Outlook>;
  readonly readHalt: () => Promise<Halt | null>;
  /** The protocol's chain. */
  readonly chainId: bigint;
};

/** Reads the status, at most twice a second however many ask. */
export function createIndexStatus({ sql, look, readHalt, chainId }: Options): () => Promise<IndexStatus> {
  let standstill: Standstill | null = null;
  return shared(FRESH_MS, async () => {
    const [published, outlook, halt] = await Promise.all([readCheckpoints(sql), look(), readHalt()]);
    const now = performance.now();
    const indexed = published?.chains.find((chain) => chain.chainId === chainId)?.indexed ?? null;
    const head = currentHead(outlook, now);
    if (indexed === null || head === null || head.block <= indexed.block) standstill = null;
    else if (standstill?.block !== indexed.block) standstill = { block: indexed.block, since: unixNow(), at: now };
    return judge({ chainId, published, outlook, halt, standstill, now });
  });
}

/** What follows from the facts for whoever reads the index. */
export function judge(facts: Facts): IndexStatus {
  const { chainId, published, outlook, halt, now } = facts;
  const chains = published?.chains ?? [];
  const own = chains.find((chain) => chain.chainId === chainId) ?? null;
  const head = currentHead(outlook, now);
  const lag = own?.indexed && head ? lagOf(own.indexed, head) : null;
  const reason = halt?.reason ?? reasonNotReady(facts, own, lag);
  return { chains, own, head: outlook.head, lag, ready: reason === null, reason, remedy: halt?.remedy ?? null };
}

function reasonNotReady(facts: Facts, own: ChainStatus | null, lag: Lag | null): string | null {
  const { chainId, published, outlook, standstill, now } = facts;
  const { head, nodes } = outlook;
  if (published === null) return 'The indexer has not published its views yet: it is starting.';
  if (own === null) {
    return `The index is not of chain ${chainId}, where CONTRACTS_FILE says the contracts are, but of ${published.chains.map((chain) => chain.chainId).join(', ')}.`;
  }
  if (nodes.elsewhere === nodes.total) {
    return `CHAIN_RPC_URL leads to another chain than ${chainId}, where CONTRACTS_FILE says the contracts are.`;
  }
  if (head === null) return 'No node at CHAIN_RPC_URL has answered yet.';
  if (lag === null && own.indexed !== null) {
    return `No node at CHAIN_RPC_URL has answered since ${isoTime(head.seenAt)}: how far the index is behind is unknown.`;
  }
  const behind = lag === null ? 'behind the chain' : `${lag.blocks} blocks (${lag.seconds} s) behind the chain`;
  if (!published.complete) return `The indexer has restarted and is catching up: it is ${behind}.`;
  if (lag !== null && lag.blocks > MAX_LAG.blocks && lag.seconds > MAX_LAG.seconds) return `The index is ${behind}.`;
  if (standstill !== null && now - standstill.at > STANDSTILL_MS) {
    return `The index has stood at block ${standstill.block} since ${isoTime(standstill.since)}, and the chain is at block ${head.block}.`;
  }
  return null;
}

/** The head that was seen last, while it still tells where the chain is. */
function currentHead({ head, nodes }: Outlook, now: number): Head | null {
  return head !== null && now - head.at <= SILENT_MS && nodes.elsewhere < nodes.total ? head : null;
}

function lagOf(indexed: Block, head: Block): Lag {
  return { blocks: atLeastZero(head.block - indexed.block), seconds: atLeastZero(head.timestamp - indexed.timestamp) };
}

function atLeastZero(value: bigint): bigint {
  return value < 0n ? 0n : value;
}
