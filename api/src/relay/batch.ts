import type { Hex } from '@openledger/db/chain';
import { ActionError, type Call, callOf } from './actions.ts';
import { batchOf, estimate, headOf, lookAt, type Tag, tryCall } from './chain.ts';
import type { RelayRow } from './enqueue.ts';
import { RefusedError } from './node.ts';
import { refusalOf } from './refusals.ts';
import type { Relayer } from './relayer.ts';
import { markDone, markFailed } from './rows.ts';
import { note } from './send.ts';

/** A row with the call that it is. */
type Ready = Call & { readonly row: RelayRow };
/** Rows to be sent together, and the gas that they need. */
export type Batch = { readonly ready: readonly Ready[]; readonly gas: bigint };

/** A node takes transactions of 128 KiB. */
const BATCH_BYTES = 100_000;
/** Refused on chain so often though each time the trial went well: something is wrong with it. */
const MOST_REVERTS = 3;
/** Milliseconds until a row that waits for the operator, or for the pause to end, is tried again. */
const HOLD_MS = 15_000;

/**
 * Takes the first rows that can go together now, in their order. Each is tried on the chain's present state, behind those
 * before it: one that would be refused is done already, has failed, or waits.
 * @param inFlight nonce of the newest transaction that is sent and not mined; what depends on it cannot be judged yet.
 */
export async function nextBatch(
  relayer: Relayer,
  rows: readonly RelayRow[],
  inFlight: bigint | null,
): Promise<Batch | null> {
  const candidates = await takeable(relayer, rows);
  relayer.step('taken');
  const tag: Tag = inFlight === null ? 'latest' : 'pending';
  let wanted = candidates;
  while (wanted.length > 0) {
    const gas = await gasOf(relayer, wanted, tag);
    if (gas === 'refused') {
      wanted = await sift(relayer, wanted, tag, inFlight);
      if (wanted.length === 0 || (await gasOf(relayer, wanted, tag)) !== 'refused') continue;
      // The chain moved in between, or the two kinds of trial differ: the first of them must not hold up the others.
      hold(relayer, wanted[0]!.row, { until: performance.now() + HOLD_MS, nonce: -1n });
      return null;
    }
    if (gas === 'too-much' || (gas > relayer.config.batchGas && wanted.length > 1)) {
      if (wanted.length === 1) {
        const [only] = wanted;
        await fail(relayer, only!.row, 'It needs more gas than a block has.');
        return null;
      }
      wanted = wanted.slice(0, Math.ceil(wanted.length / 2));
      continue;
    }
    relayer.step('simulated');
    return { ready: wanted, gas };
  }
  return null;
}

/** The leading rows that may share a transaction; rows that this version cannot send fail here. */
async function takeable(relayer: Relayer, rows: readonly RelayRow[]): Promise<readonly Ready[]> {
  const taken: Ready[] = [];
  /** An account's actions keep their order: those behind one that waits do so too. */
  const waiting = new Set<string>();
  let bytes = 0;
  for (const row of rows) {
    if (isHeld(relayer, row)) waiting.add(row.account);
    if (waiting.has(row.account)) continue;
    if (row.reverts >= MOST_REVERTS) {
      await fail(relayer, row, `It was refused on chain ${row.reverts} times although it could be sent each time.`);
      continue;
    }
    // One that was in a transaction that the chain refused goes alone.
    if (row.reverts > 0 && taken.length > 0) break;
    try {
      const call = callOf(row.action, row.payload);
      bytes += call.data.length / 2;
      if (taken.length > 0 && bytes > BATCH_BYTES) break;
      taken.push({ ...call, row });
    } catch (error) {
      if (!(error instanceof ActionError)) throw error;
      await fail(relayer, row, error.message);
      continue;
    }
    if (row.reverts > 0 || taken.length === relayer.config.batchRows) break;
  }
  return taken;
}

/** Leaves those that go through one behind the other; decides what becomes of the rest. */
async function sift(relayer: Relayer, wanted: readonly Ready[], tag: Tag, inFlight: bigint | null) {
  const good: Ready[] = [];
  const waiting = new Set<string>();
  for (const each of wanted) {
    if (waiting.has(each.row.account)) continue;
    try {
      await tryCall(relayer, batchOf([...good, each].map(({ data }) => data)), tag);
      good.push(each);
    } catch (error) {
      if (!(error instanceof RefusedError) || error.revert === null) throw error;
      if ((await judge(relayer, each, error.revert, inFlight)) === 'waits') waiting.add(each.row.account);
    }
  }
  return good;
}

async function judge(
  relayer: Relayer,
  { row, isDone }: Ready,
  revert: Hex,
  inFlight: bigint | null,
): Promise<'decided' | 'waits'> {
  const head = await headOf(relayer);
  if (await isDoneNow(relayer, isDone)) {
    relayer.log.info({ id: row.idempotencyKey, action: row.action }, 'found done on chain');
    await markDone(relayer, row.idempotencyKey, head.number);
    return 'decided';
  }
  const { fault, reason } = refusalOf(revert);
  if (fault !== 'action') {
    note(relayer, fault === 'operator' ? 'bond' : 'pause', `${reason} Actions wait.`);
    hold(relayer, row, { until: performance.now() + HOLD_MS, nonce: -1n });
    return 'waits';
  }
  const hasWaited = (relayer.memory.held.get(row.idempotencyKey)?.nonce ?? -1n) >= 0n;
  // It may need what is under way: what it finds once that is mined decides.
  if (inFlight !== null && !hasWaited) {
    hold(relayer, row, { until: 0, nonce: inFlight });
    return 'waits';
  }
  await fail(relayer, row, reason);
  return 'decided';
}

/** Views revert too, for what does not exist. */
export async function isDoneNow(relayer: Relayer, isDone: Call['isDone']): Promise<boolean> {
  try {
    return await isDone(lookAt(relayer));
  } catch (error) {
    if (error instanceof RefusedError && error.revert !== null) return false;
    throw error;
  }
}

async function fail(relayer: Relayer, row: RelayRow, reason: string): Promise<void> {
  relayer.log.info({ id: row.idempotencyKey, action: row.action, reason }, 'cannot be done');
  relayer.memory.held.delete(row.idempotencyKey);
  await markFailed(relayer, row.idempotencyKey, reason);
}

function hold({ memory }: Relayer, { idempotencyKey }: RelayRow, how: { until: number; nonce: bigint }): void {
  memory.held.set(idempotencyKey, how);
}

function isHeld({ memory }: Relayer, { idempotencyKey }: RelayRow): boolean {
  const held = memory.held.get(idempotencyKey);
  return held !== undefined && (held.until > performance.now() || held.nonce >= memory.minedBelow);
}

async function gasOf(relayer: Relayer, wanted: readonly Ready[], tag: Tag): Promise<bigint | 'refused' | 'too-much'> {
  try {
    return await estimate(relayer, batchOf(wanted.map(({ data }) => data)), tag);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    if (error.revert !== null) return 'refused';
    if (/gas required exceeds|exceeds (block )?gas limit|intrinsic gas/i.test(error.message)) return 'too-much';
    throw error;
  }
}
