import type { Connection } from '@openledger/db';
import { attributionTask, receipt } from '@openledger/db/app';
import type { Hex, Receipt } from '@openledger/protocol';
import { eq } from 'drizzle-orm';
import type { Wish } from './asked/attribution.ts';

/** What an answer drew on, as its asker is told. */
export type AttributionShown = {
  readonly request_id: Hex;
  /** `none`: the base alone answered, or nothing was written: there will be no receipt. */
  readonly state: 'attributed' | 'waiting' | 'none';
  /** Why it waits, or why there is none. */
  readonly reason?: string;
  /** The receipt's hash; the whole of it is at `/v1/receipts/{request_id}`. */
  readonly receipt?: Hex;
  /** Of the contributors' part of the fee, parts per million, most first. */
  readonly contributions?: readonly { readonly id: string; readonly ppm: number }[];
  readonly unattributed_ppm?: number;
};

/** Tells of a request that has ended what it drew on, waiting a little until that is known. */
export type Attributions = (requestId: Hex, wish: Wish) => Promise<AttributionShown>;

export type AttributionsOptions = {
  readonly db: Connection['db'];
  /** Settles when a request has its receipt, or after so many milliseconds. */
  readonly whenReady: (requestId: Hex, ms: number) => Promise<void>;
};

export const createAttributions =
  ({ db, whenReady }: AttributionsOptions): Attributions =>
  async (requestId, { waitMs }) => {
    const waiting = () =>
      db.select({ error: attributionTask.error }).from(attributionTask).where(eq(attributionTask.requestId, requestId));
    if (waitMs > 0 && (await waiting()).length > 0) await whenReady(requestId, waitMs);
    const [[task], [found]] = await Promise.all([
      waiting(),
      db.select({ hash: receipt.hash, body: receipt.body }).from(receipt).where(eq(receipt.requestId, requestId)),
    ]);
    if (found !== undefined) return { request_id: requestId, state: 'attributed', ...shown(found) };
    if (task !== undefined) {
      return { request_id: requestId, state: 'waiting', reason: task.error ?? 'queued: It is computed soon' };
    }
    return {
      request_id: requestId,
      state: 'none',
      reason: 'Only texts that were written with an adapter are attributed',
    };
  };

const shown = ({ hash, body }: { hash: Hex; body: string }): Partial<AttributionShown> => {
  const { shares, unattributedPpm } = JSON.parse(body) as Receipt;
  return {
    receipt: hash,
    contributions: shares
      .map(({ contributionId: id, ppm }) => ({ id, ppm }))
      .toSorted((a, b) => b.ppm - a.ppm || Number(BigInt(a.id) - BigInt(b.id))),
    unattributed_ppm: unattributedPpm,
  };
};
