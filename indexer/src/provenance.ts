import type { Occurrence } from './occurrence.ts';

/** For a row that this event creates. */
export const created = (e: Occurrence) => ({
  createdBlock: e.block,
  createdAt: e.timestamp,
  createdTx: e.txHash,
  ...updated(e),
});

/** For a row that this event changes. */
export const updated = (e: Occurrence) => ({ updatedBlock: e.block, updatedAt: e.timestamp });

/** For a row that stands for this event itself. */
export const stamped = (e: Occurrence) => ({ id: e.id, block: e.block, timestamp: e.timestamp, txHash: e.txHash });
