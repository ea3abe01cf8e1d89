import { timelockCall } from 'ponder:schema';
import { type Hex, zeroHash } from 'viem';
import { record } from '../activity.ts';
import { setParameter } from '../governed.ts';
import { type Occurrence, on } from '../occurrence.ts';
import { created, updated } from '../provenance.ts';

on('TimelockController:CallScheduled', async (e) => {
  const { id, index, target, value, data, predecessor, delay } = e.args;
  const call = { target, value, data, predecessor, salt: zeroHash, delay, status: 'scheduled' } as const;
  await e.db
    .insert(timelockCall)
    .values({ operationId: id, callIndex: Number(index), ...call, ...created(e) })
    // A cancelled operation can be scheduled again under its id.
    .onConflictDoUpdate({ ...call, ...updated(e) });
  return record(e);
});

on('TimelockController:CallSalt', async (e) => {
  await updateOperation(e, e.args.id, { salt: e.args.salt });
  return record(e);
});

on('TimelockController:Cancelled', async (e) => {
  await updateOperation(e, e.args.id, { status: 'cancelled' });
  return record(e);
});

on('TimelockController:CallExecuted', async (e) => {
  const { id, index } = e.args;
  await e.db
    .update(timelockCall, { operationId: id, callIndex: Number(index) })
    .set({ status: 'executed', ...updated(e) });
  return record(e);
});

on('TimelockController:MinDelayChange', async (e) => {
  await setParameter(e, e.event, 'MIN_DELAY', e.args.newDuration);
  return record(e);
});

/** Changes all calls of an operation; they are numbered from zero without a gap. */
const updateOperation = async (
  e: Occurrence,
  operationId: Hex,
  change: Partial<Pick<typeof timelockCall.$inferInsert, 'salt' | 'status'>>,
) => {
  for (let callIndex = 0; await e.db.find(timelockCall, { operationId, callIndex }); callIndex++) {
    await e.db.update(timelockCall, { operationId, callIndex }).set({ ...change, ...updated(e) });
  }
};
