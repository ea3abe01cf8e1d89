import { toBeHex } from 'ethers';
import type { Hex, Value } from '../call.ts';
import type { RequestRecord } from '../shadow/records.ts';
import { call, find, findOrAny, type Plan, type World } from '../world.ts';
import { algorithm } from './governance.ts';

/** Contributions the model's version was trained on and that are still accepted, at most four, in ascending order. */
function influences(w: World, { modelId, version }: RequestRecord): bigint[] {
  const fit: bigint[] = [];
  for (const [contributionId, c] of w.shadow.contributions) {
    if (c.status !== 'accepted' || !w.shadow.trainedOn.has(`${modelId} ${version} ${c.datanetId}`)) continue;
    if (w.random.chance(0.4)) fit.push(contributionId);
  }
  const start = w.random.below(Math.max(1, fit.length - 4));
  return fit.slice(start, start + 4);
}

/** A share of the contributors' part for each contribution, the rest unattributed; against the rules when asked. */
function attribution(w: World, requestId: Hex, request: RequestRecord, flawed: boolean): Value[] {
  const { random } = w;
  const contributionIds = influences(w, request);
  let rest = request.contributorsPart;
  const amounts = contributionIds.map(() => {
    const amount = random.amount(0n, rest);
    rest -= amount;
    return amount;
  });
  const honest = [requestId, contributionIds, amounts, rest];
  if (!flawed) return honest;
  const anyContribution = BigInt(random.between(1, w.shadow.contributions.size + 1));
  return random.pick<Value[]>([
    [requestId, contributionIds, amounts, rest + 1n],
    [requestId, contributionIds, amounts, rest === 0n ? 1n : rest - 1n],
    [requestId, contributionIds.toReversed(), amounts, rest],
    [requestId, contributionIds, amounts.slice(1), rest],
    [requestId, [anyContribution], [request.contributorsPart], 0n],
    [random.bytes32(), [], [], 0n],
  ]);
}

export const attributionPlans: readonly Plan[] = [
  {
    name: 'post an attribution batch',
    weight: 24,
    make(w) {
      const { random, shadow } = w;
      const free = [...shadow.requests].filter(([, { batchId }]) => {
        return batchId === 0n || shadow.batches.get(batchId)?.status === 'revoked';
      });
      const again = random.chance(0.08) ? [...shadow.requests] : [];
      const pool = again.length > 0 ? again : free;
      if (pool.length === 0) return undefined;
      const [, { worker }] = random.pick(pool);
      const mine = pool.filter(([, request]) => request.worker === worker || random.chance(0.002));
      const start = random.below(mine.length);
      const chosen = mine.slice(start, start + random.between(1, 5));
      const flawed = random.chance(0.15);
      const broken = random.below(chosen.length);
      const entries = chosen.map(([id, request], index) => attribution(w, id, request, flawed && index === broken));
      if (flawed && random.chance(0.2)) entries.push(entries[0]!);
      const operator = shadow.operators.get(worker)!;
      const from = random.chance(0.95) ? random.pick([worker, operator]) : random.pick(w.stage.cast.everyone);
      const args = [worker, algorithm, random.bytes32(), random.bytes32(), 'ipfs://receipts', entries];
      return call('AttributionLedger', 'postBatch', from, args, flawed);
    },
  },
  {
    name: 'finalise an attribution batch',
    weight: 18,
    make(w) {
      const { now, batches } = w.shadow;
      const wanted = w.random.chance(0.25)
        ? find(w, batches, ({ status, deadline, challenged }) => status === 'revoked' || challenged || deadline > now)
        : undefined;
      const disputed = w.random.chance(0.2)
        ? find(w, batches, (b) => b.status === 'posted' && b.challenged && b.deadline <= now)
        : undefined;
      const target =
        disputed ?? wanted ?? find(w, batches, (b) => b.status === 'posted' && !b.challenged && b.deadline <= now);
      if (!target) return undefined;
      return call('AttributionLedger', 'finalizeBatch', w.random.pick(w.stage.cast.everyone), [target[0]]);
    },
  },
  {
    name: 'dispute an attribution batch',
    weight: 9,
    make(w) {
      const { random, shadow } = w;
      const again = random.chance(0.5);
      const target = findOrAny(
        w,
        shadow.batches,
        ({ status, deadline, challenged }) => status === 'posted' && shadow.now < deadline && challenged === again,
      );
      if (!target) return undefined;
      const bond = (shadow.parameters.get('DisputeResolver.MIN_DISPUTE_BOND') ?? 0n) + BigInt(random.between(-1, 99));
      const args = [1n, toBeHex(target[0], 32), random.bytes32(), random.bytes32(), 'ipfs://evidence', bond];
      return call('DisputeResolver', 'raise', random.pick(w.stage.cast.disputers), args);
    },
  },
];
