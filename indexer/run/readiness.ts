import type { Sql } from 'postgres';
import type { NodeStatus } from '../rpc/index.ts';
import { sharedDoor } from './doors.ts';
import type { Freshness } from './freshness.ts';
import { haltsOf } from './halt.ts';
import { readChainStatuses } from './status.ts';

/** How the index of one chain stands. Blocks are numbers of that chain. */
export type ChainReadiness = {
  chainId: bigint;
  /** The newest block that is indexed, and the newest that can no longer be taken back. */
  block: bigint | undefined;
  finalBlock: bigint | undefined;
  head: bigint | undefined;
  /** Blocks that the index is behind the head. */
  lag: bigint | undefined;
  /** Seconds since a node told the head. */
  headAge: number | undefined;
  nodes: readonly NodeStatus[];
};

/** Whether the index may be relied on. */
export type Readiness = {
  ready: boolean;
  /** Why not, for people. */
  reason: string | undefined;
  remedy: string | undefined;
  chains: readonly ChainReadiness[];
};

/** Milliseconds. A head that is older than this is not known any more, and one that was seen this long ago must be indexed. */
const patience = 20_000;
const databasePatience = 5_000;

export type ReadinessOptions = {
  sql: Sql;
  /** The protocol's chain first: the index is as ready as that one. */
  chains: readonly { chainId: bigint; freshness: Freshness }[];
};

/** Compares what is indexed with what the nodes say. Ponder's own `/ready` stays 200 while its nodes hang. */
export const readReadiness = async ({ sql, chains }: ReadinessOptions): Promise<Readiness> => {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('late')), databasePatience).unref();
  });
  try {
    const read = Promise.all([haltsOf(sql), readChainStatuses((text) => sql.unsafe(text))]);
    const [halts, statuses] = await Promise.race([read, late]);
    const standing = chains.map(({ chainId, freshness }) => {
      const status = statuses.find((found) => found.chainId === chainId);
      return { ...stand(chainId, freshness, status?.block, status?.finalBlock), status, freshness };
    });
    const [halt] = halts;
    const [protocol] = standing;
    const reason =
      halt?.reason ??
      (protocol === undefined
        ? 'Nothing is indexed.'
        : whyNot(protocol, protocol.freshness, protocol.status?.ready === true));
    return {
      ready: reason === undefined,
      reason,
      remedy: halt?.remedy,
      chains: standing.map(({ status: _status, freshness: _freshness, ...chain }) => chain),
    };
  } catch {
    return { ready: false, reason: 'The database does not answer.', remedy: undefined, chains: [] };
  }
};

const stand = (
  chainId: bigint,
  freshness: Freshness,
  block: bigint | undefined,
  finalBlock: bigint | undefined,
): ChainReadiness => {
  const seen = freshness.last();
  const head = seen?.block;
  return {
    chainId,
    block,
    finalBlock,
    head,
    lag: head === undefined || block === undefined ? undefined : head > block ? head - block : 0n,
    headAge: seen && (Date.now() - seen.at) / 1_000,
    nodes: sharedDoor(chainId)?.nodes.status() ?? [],
  };
};

const whyNot = (
  { chainId, block, headAge }: ChainReadiness,
  freshness: Freshness,
  isComplete: boolean,
): string | undefined => {
  if (block === undefined) return 'History is being indexed.';
  if (headAge === undefined) return `No node of chain ${chainId} has told its newest block yet.`;
  if (headAge * 1_000 > patience) {
    return `No node of chain ${chainId} has answered for ${Math.round(headAge)} seconds; what is indexed ends at block ${block}.`;
  }
  if (!isComplete) return 'The indexer has restarted and is catching up.';
  const due = freshness.due(patience);
  if (due !== undefined && due.block > block) {
    const seconds = Math.round((Date.now() - due.at) / 1_000);
    return `Block ${due.block} was mined ${seconds} seconds ago and is not indexed yet; what is indexed ends at block ${block}.`;
  }
  return undefined;
};
