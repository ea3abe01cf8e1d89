import { feeSplit, inference, model, worker as workers } from 'ponder:schema';
import { record } from '../activity.ts';
import { treasury } from '../deployment.ts';
import { book, setWithdrawal } from '../escrow.ts';
import { on } from '../occurrence.ts';
import { created, stamped, updated } from '../provenance.ts';

on('InferenceEscrow:Deposited', async (e) => {
  const { payer, amount } = e.args;
  await book(e, payer, { balance: amount, deposited: amount });
  return record(e, { protocol: { deposited: amount } });
});

on('InferenceEscrow:WithdrawalRequested', async (e) => {
  await setWithdrawal(e, e.args.payer, e.args.amount, e.args.availableAt);
  return record(e);
});

on('InferenceEscrow:Withdrawn', async (e) => {
  const { payer, amount } = e.args;
  await book(e, payer, { balance: -amount, withdrawn: amount });
  await setWithdrawal(e, payer, 0n, 0n);
  return record(e);
});

on('InferenceEscrow:EarningsWithdrawn', async (e) => {
  await book(e, e.args.account, { earningsWithdrawn: e.args.amount });
  return record(e);
});

on('InferenceEscrow:InferenceSettled', async (e) => {
  const { requestId, modelId, worker, payer, version, fee, outputHash } = e.args;
  const [inTokens, outTokens] = [BigInt(e.args.inTokens), BigInt(e.args.outTokens)];
  await e.db.insert(inference).values({
    requestId,
    eventId: e.id,
    modelId,
    worker,
    payer,
    version,
    inTokens,
    outTokens,
    fee,
    outputHash,
    // The split follows in the same transaction as an event of its own.
    platformFee: 0n,
    modelFee: 0n,
    workerFee: 0n,
    stakersFee: 0n,
    contributorsFee: 0n,
    attributionStatus: 'none',
    ...created(e),
  });
  await book(e, payer, { balance: -fee, spent: fee });
  await e.db.update(model, { id: modelId }).set((row) => ({
    inferences: row.inferences + 1n,
    inTokens: row.inTokens + inTokens,
    outTokens: row.outTokens + outTokens,
    fees: row.fees + fee,
    ...updated(e),
  }));
  await e.db.update(workers, { address: worker }).set((row) => ({ inferences: row.inferences + 1n, ...updated(e) }));
  const counts = { inferences: 1, inTokens, outTokens, fees: fee };
  return record(e, { protocol: counts, models: new Map([[modelId, counts]]) });
});

/** The event carries amounts; their owners are those of this moment: treasury, model owner, worker's operator. */
on('InferenceEscrow:FeeDistributed', async (e) => {
  const { requestId, modelId, platform, model: modelFee, worker: workerFee, stakers, contributors } = e.args;
  const { worker } = await e.db.update(inference, { requestId }).set({
    platformFee: platform,
    modelFee,
    workerFee,
    stakersFee: stakers,
    contributorsFee: contributors,
    ...updated(e),
  });
  const owner = (await e.db.find(model, { id: modelId }))?.owner;
  if (owner === undefined) throw new Error(`Fee of request ${requestId} names the unknown model ${modelId}`);
  const { operator } = await e.db
    .update(workers, { address: worker })
    .set((row) => ({ earned: row.earned + workerFee, ...updated(e) }));
  await book(e, treasury, { earned: platform });
  await book(e, owner, { earned: modelFee });
  await book(e, operator, { earned: workerFee });
  return record(e);
});

on('InferenceEscrow:FeeSplitUpdated', async (e) => {
  const { platformBps, modelBps, workerBps, stakersBps, contributorsBps } = e.args;
  await e.db.insert(feeSplit).values({ ...stamped(e), platformBps, modelBps, workerBps, stakersBps, contributorsBps });
  return record(e);
});

on('InferenceEscrow:EIP712DomainChanged', (e) => record(e));
