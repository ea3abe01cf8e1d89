import type { Place } from './occurrence.ts';

/** For a row that this event creates. */
export const created = (e: Place) => ({
  createdBlock: e.block,
  createdAt: e.timestamp,
  createdTx: e.txHash,
  ...updated(e),
});

/** For a row that this event changes. */
export const updated = (e: Place) => ({ updatedBlock: e.block, updatedAt: e.timestamp });

/** For a row that stands for this event itself. */
export const stamped = (e: Place) => ({ id: e.id, block: e.block, timestamp: e.timestamp, txHash: e.txHash });
