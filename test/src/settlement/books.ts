import { type Hex, parseReceipt } from '@openledger/protocol';
import { paymentOf } from '@openledger/protocol/attribution';
import type { Ground } from './ground.ts';

/** What became of every wei that payers ever deposited, and of every answer. */
export type Books = {
  readonly answers: number;
  /** Answers that are not settled, or not attributed by a final batch. */
  readonly lost: number;
  /** Answers that were settled, or attributed by batches that stand, more than once. */
  readonly doubled: number;
  /** Wei of OPEN that are somewhere else than they should be, all accounts together. */
  readonly offWei: bigint;
};

type Event = { readonly args: Record<string, unknown> };

/**
 * Counts by the chain's own events and balances, against what was recorded and signed: what payers have left, what contributors
 * and the treasury may take, and that the contracts hold what they owe.
 *
 */
export const auditBooks = async (ground: Ground, deposited: bigint): Promise<Books> => {
  const { sql, contract, contributors, payers, manifest, open, place } = ground;
  const eventsOf = async (name: 'InferenceEscrow' | 'AttributionLedger' | 'RewardDistributor', event: string) => {
    const of = contract(name);
    return (await of.queryFilter(of.getEvent(event), 0, 'latest')) as unknown as readonly Event[];
  };
  const records = await sql<{ requestId: Hex; payer: Hex; fee: bigint; body: string | null }[]>`
    select a.request_id as "requestId", a.payer, a.fee, r.body
    from app.inference_record a left join app.receipt r using (request_id)`;
  const settled = countBy(
    (await eventsOf('InferenceEscrow', 'InferenceSettled')).map(({ args }) => args.requestId as string),
  );
  const split = await eventsOf('InferenceEscrow', 'FeeDistributed');
  const partOf = new Map(split.map(({ args }) => [args.requestId as string, args.contributors as bigint]));
  const final = new Set(
    (await eventsOf('AttributionLedger', 'AttributionBatchFinalized')).map(({ args }) => args.batchId),
  );
  const gone = new Set(
    (await eventsOf('AttributionLedger', 'AttributionBatchRevoked')).map(({ args }) => args.batchId),
  );
  const attributed = await eventsOf('AttributionLedger', 'InferenceAttributed');
  const standing = attributed.filter(({ args }) => !gone.has(args.batchId));
  const carried = countBy(standing.map(({ args }) => args.requestId as string));
  const paid = new Set(standing.filter(({ args }) => final.has(args.batchId)).map(({ args }) => args.requestId));

  const due = new Map<string, bigint>();
  const owe = (account: string, amount: bigint) =>
    due.set(account.toLowerCase(), (due.get(account.toLowerCase()) ?? 0n) + amount);
  for (const { requestId, body } of records) {
    const part = partOf.get(requestId) ?? 0n;
    if (body === null || !paid.has(requestId)) continue;
    const { contributionIds, amounts, unattributed } = paymentOf(part, parseReceipt(body), () => true);
    contributionIds.forEach(
      (contribution, at) => void owe(contributors[Number(contribution) - 1]!.address, amounts[at]!),
    );
    owe(manifest.treasury, unattributed);
  }
  for (const { args } of split) owe(manifest.treasury, args.platform as bigint);

  let offWei = 0n;
  const compare = (is: bigint, should: bigint) => {
    offWei += is > should ? is - should : should - is;
  };
  const escrow = contract('InferenceEscrow');
  const distributor = contract('RewardDistributor');
  const view = (of: typeof escrow, name: string, ...args: readonly unknown[]) => of.getFunction(name)(...args);
  for (const payer of payers) {
    const spent = records
      .filter((one) => one.payer === payer.address.toLowerCase())
      .reduce((sum, { fee }) => sum + fee, 0n);
    compare((await view(escrow, 'payers', payer.address)).balance, deposited - spent);
  }
  for (const { address } of contributors)
    compare(await view(distributor, 'claimed', address), due.get(address.toLowerCase()) ?? 0n);
  compare(await view(escrow, 'earnings', manifest.treasury), due.get(manifest.treasury.toLowerCase()) ?? 0n);
  const owed = ['totalDeposits', 'totalEarnings', 'heldForContributors'].map((name) => view(escrow, name));
  const sum = ((await Promise.all(owed)) as bigint[]).reduce((all, one) => all + one, 0n);
  compare(await open.getFunction('balanceOf')(place.escrow), sum);
  compare(
    await open.getFunction('balanceOf')(place.distributor),
    BigInt(await view(distributor, 'funded')) - BigInt(await view(distributor, 'totalClaimed')),
  );
  return {
    answers: records.length,
    lost: records.filter(({ requestId }) => !settled.has(requestId) || !paid.has(requestId)).length,
    doubled: records.filter(({ requestId }) => settled.get(requestId)! > 1 || carried.get(requestId)! > 1).length,
    offWei,
  };
};

const countBy = (names: readonly string[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
};
