import type { Sql } from 'postgres';
import type { Hex } from 'viem';
import type { BlockRef, Chain } from './chain.ts';
import { anchorsFrom, deploymentsOf, recallChain } from './memory.ts';

/**
 * Ponder holds a block final once this many stand on it, on chains it does not know; its state cannot go back behind a
 * final block. Chains it knows differ, but those are never cut short.
 */
export const finalityDepth = 30n;

/**
 * How what is indexed relates to the chain that answers now.
 * `behind`: the same chain, cut short so far that Ponder could not go on; it can once the head reaches `until`.
 * `changed`: no proof that it is the same. `short` where it ends before what was final, so that a proof may yet come: it was
 * cut short, or is told of by a node that lags.
 */
export type Verdict =
  | { kind: 'new' }
  | { kind: 'same' }
  | ({ kind: 'behind' } & Shortness)
  | { kind: 'changed'; because: string; short?: Shortness };

/** Where a chain ends, and the head that it must reach. */
export type Shortness = { readonly head: bigint; readonly until: bigint };

/**
 * Tells whether the chain behind an RPC URL still holds everything that was indexed as final.
 *
 * Ponder itself only looks at the chain id. It serves the logs it cached in `ponder_sync` for ever, so a chain that was
 * reset, or restored to an earlier state, would be mixed with the old one. Here the genesis block, the deployment block
 * and, while running, the newest and the newest final block are noted every few seconds with their hashes. A block's hash
 * fixes all blocks before it: one noted block at or above everything final, still on the chain, proves the whole. Where none
 * was noted, or all that were have been taken back, the newest block with events of ours and the absence of later ones do.
 * Without such proof the chain counts as changed. What was indexed above the last final block needs none, Ponder takes it
 * back by itself.
 */
export const judge = async (sql: Sql, chain: Chain): Promise<Verdict> => {
  const known = await recallChain(sql, chain.id);
  if (known === undefined) return { kind: 'new' };
  if (known.genesisHash !== chain.genesisHash) {
    return { kind: 'changed', because: `its block 0 is ${chain.genesisHash}, it was ${known.genesisHash}` };
  }
  const { start } = known;
  if ((await chain.standing(start)) !== 'same') {
    return { kind: 'changed', because: `block ${start.number}, where the contracts were deployed, is another one` };
  }
  const final = await finalBlock(sql, chain.id);
  const head = await chain.head();
  const anchors = await anchorsFrom(sql, chain.id, final);
  const newest = (await newestWithEvents(sql, chain.id, final)) ?? start;
  const standing = await chain.standing(newest);
  if (standing === 'other') {
    return { kind: 'changed', because: `it no longer holds block ${newest.number} as it was indexed` };
  }
  const short: Shortness = { head: head.number, until: final + finalityDepth };
  const holds =
    final <= start.number ||
    (await holdsAny(chain, anchors, head.number)) ||
    (standing === 'same' && (await endsAt(chain, newest, final, head.number)));
  if (!holds) {
    const because = `it no longer holds block ${final} as it was indexed`;
    return { kind: 'changed', because, ...(head.number < final && { short }) };
  }
  const highest = anchors.at(-1)?.number ?? 0n;
  const wasCut = head.number < highest && head.number < short.until;
  return wasCut ? { kind: 'behind', ...short } : { kind: 'same' };
};

const holdsAny = async (chain: Chain, anchors: readonly BlockRef[], head: bigint): Promise<boolean> => {
  for (const anchor of anchors) {
    if (anchor.number > head) return false;
    if ((await chain.standing(anchor)) === 'same') return true;
  }
  return false;
};

/**
 * Whether the newest block with events of ours, which stands and so fixes all before it, is the newest such block of the
 * chain too, up to the final one. This is all the proof there is when a chain grew faster than its heads were noted, or when
 * a reorganisation took back those that were, none of which was final.
 */
const endsAt = async (chain: Chain, newest: BlockRef, final: bigint, head: bigint): Promise<boolean> =>
  head >= final && (newest.number >= final || !(await chain.hasEvents(newest.number + 1n, final)));

/** The newest block up to `final` that Ponder's cache holds because it has events of ours. */
const newestWithEvents = async (sql: Sql, chainId: bigint, final: bigint): Promise<BlockRef | undefined> => {
  if (!(await exists(sql, 'ponder_sync.blocks'))) return undefined;
  const [row] = await sql<{ number: string; hash: Hex }[]>`
    select number, hash from ponder_sync.blocks
    where chain_id = ${String(chainId)} and number <= ${String(final)} order by blocks.number desc limit 1`;
  return row && { number: BigInt(row.number), hash: row.hash };
};

/** The highest block that an index or Ponder's cache holds as final; zero when nothing does. */
export const finalBlock = async (sql: Sql, chainId: bigint): Promise<bigint> => {
  const id = String(chainId);
  let final = 0n;
  for (const schema of await deploymentsOf(sql, chainId)) {
    if (!(await exists(sql, `${schema}._ponder_checkpoint`))) continue;
    const [row] = await sql<{ block: string | null }[]>`
      select max(substring(finalized_checkpoint, 27, 16)::bigint) as block
      from ${sql(schema)}._ponder_checkpoint
      where chain_id = ${id} and substring(finalized_checkpoint, 11, 16)::bigint = chain_id`;
    final = max(final, BigInt(row?.block ?? 0));
  }
  if (await exists(sql, 'ponder_sync.intervals')) {
    // Ponder has its ranges end one above their last block.
    const [row] = await sql<{ block: string | null }[]>`
      select max(upper(range))::bigint - 1 as block
      from ponder_sync.intervals, unnest(blocks) as range where chain_id = ${id}`;
    final = max(final, BigInt(row?.block ?? 0));
  }
  return final;
};

const exists = async (sql: Sql, table: string): Promise<boolean> => {
  const [row] = await sql<{ found: boolean }[]>`select to_regclass(${table}) is not null as found`;
  return row?.found === true;
};

const max = (a: bigint, b: bigint) => (a > b ? a : b);
