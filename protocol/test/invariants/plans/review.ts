import type { Hex } from '../call.ts';
import { hash, scoreCommitment } from '../hashes.ts';
import { revealsFrom, reviewRanOut } from '../shadow/contributions.ts';
import { call, elsewhere, findOrAny, type Plan, type World } from '../world.ts';

/** Validators of a contribution's datanet that have not committed to it. */
function freeValidators(w: World, contributionId: bigint, datanetId: bigint): Hex[] {
  return w.stage.cast.validators.filter(
    (v) => w.shadow.validators.get(`${datanetId} ${v}`) && !w.shadow.commitments.has(`${contributionId} ${v}`),
  );
}

/** Sometimes a validator goes through a relayer, mostly one it authorised; its own way otherwise. */
function relayerOf(w: World, validator: Hex): Hex | undefined {
  if (w.random.chance(0.5)) return undefined;
  const live = w.stage.cast.relayers.filter(
    (relayer) => (w.shadow.relayers.get(`${validator} ${relayer}`) ?? 0n) > w.shadow.now,
  );
  if (live.length > 0 && w.random.chance(0.9)) return w.random.pick(live);
  return w.random.chance(0.1) ? w.random.pick(w.stage.cast.relayers) : undefined;
}

/** What a validator thinks of a content: all see spam in the same fourth of it, and differ about the rest. */
function scoreOf({ random }: World, contentHash: Hex): bigint {
  const spam = BigInt(contentHash) % 4n === 0n;
  return spam ? random.amount(0n, 10n ** 17n) : random.amount(2n * 10n ** 17n, 10n ** 18n);
}

/** A commitment made for another chain, registry or validator, or without naming one of them. */
function foreignCommitment(
  w: World,
  contributionId: bigint,
  validator: Hex,
  score: bigint,
  evidence: Hex,
  salt: Hex,
): Hex {
  const { chainId, addresses } = w.stage.setting;
  const registry = addresses.DatanetRegistry;
  const other = w.random.pick(w.stage.cast.validators);
  const types = ['address', 'uint256', 'address', 'uint256', 'bytes32', 'bytes32'];
  return w.random.pick([
    () => scoreCommitment(elsewhere.chainId, registry, contributionId, validator, score, evidence, salt),
    () => scoreCommitment(chainId, elsewhere.contract, contributionId, validator, score, evidence, salt),
    () => scoreCommitment(chainId, registry, contributionId, other, score, evidence, salt),
    () => scoreCommitment(chainId, registry, contributionId + 1n, validator, score, evidence, salt),
    () => hash(types, [registry, contributionId, validator, score, evidence, salt]),
  ])();
}

export const reviewPlans: readonly Plan[] = [
  {
    name: 'let a relayer review in one’s name',
    weight: 3,
    make(w) {
      const validator = w.random.pick(w.stage.cast.validators);
      const args = [w.random.pick(w.stage.cast.relayers), w.shadow.now + BigInt(w.random.between(50, 3_000))];
      return call('DatanetRegistry', 'authorizeRelayer', validator, args);
    },
  },
  {
    name: 'commit to a score',
    weight: 36,
    make(w) {
      const { random, shadow } = w;
      const open = findOrAny(
        w,
        shadow.contributions,
        (c, contributionId) =>
          c.status === 'pending' &&
          c.commits < c.quorum &&
          shadow.now < c.submittedAt + c.reviewWindow &&
          freeValidators(w, contributionId, c.datanetId).length > 0,
        0.05,
      );
      if (!open) return undefined;
      const [contributionId, { datanetId, contentHash }] = open;
      const free = freeValidators(w, contributionId, datanetId);
      const validator = free.length > 0 && random.chance(0.95) ? random.pick(free) : random.pick(w.stage.cast.everyone);
      const { chainId, addresses } = w.stage.setting;
      const registry = addresses.DatanetRegistry;
      const hostile = random.chance(0.2);
      const copied = hostile ? w.secrets.findLast((secret) => secret.contributionId === contributionId) : undefined;
      const { score, evidenceHash, salt } = copied ?? {
        score: scoreOf(w, contentHash),
        evidenceHash: random.bytes32(),
        salt: random.bytes32(),
      };
      const author = copied?.validator ?? validator;
      const commitment =
        hostile && (!copied || random.chance(0.5))
          ? foreignCommitment(w, contributionId, validator, score, evidenceHash, salt)
          : scoreCommitment(chainId, registry, contributionId, author, score, evidenceHash, salt);
      w.secrets.push({ contributionId, validator, score, evidenceHash, salt });
      const relayer = relayerOf(w, validator);
      if (!relayer) return call('DatanetRegistry', 'commitScore', validator, [contributionId, commitment], hostile);
      return call('DatanetRegistry', 'commitScoreFor', relayer, [validator, contributionId, commitment], hostile);
    },
  },
  {
    name: 'reveal a score',
    weight: 36,
    make(w) {
      const ready = w.secrets.filter(({ contributionId, validator }) => {
        const c = w.shadow.contributions.get(contributionId);
        const committed = w.shadow.commitments.get(`${contributionId} ${validator}`);
        if (c?.status !== 'pending' || !committed || committed === 'revealed') return false;
        return w.shadow.now >= revealsFrom(c) && w.shadow.now < revealsFrom(c) + c.reviewWindow;
      });
      const pool = w.random.chance(0.06) ? w.secrets.slice(-40) : ready;
      if (pool.length === 0) return undefined;
      const { contributionId, validator, score, evidenceHash, salt } = w.random.pick(pool);
      const hostile = w.random.chance(0.1);
      const from = hostile ? w.random.pick(w.stage.cast.validators) : validator;
      const shown = hostile && w.random.chance(0.5) ? 10n ** 18n : score;
      const relayer = relayerOf(w, from);
      if (!relayer) {
        return call('DatanetRegistry', 'revealScore', from, [contributionId, shown, evidenceHash, salt], hostile);
      }
      const args = [from, contributionId, shown, evidenceHash, salt];
      return call('DatanetRegistry', 'revealScoreFor', relayer, args, hostile);
    },
  },
  {
    name: 'finalise a review',
    weight: 14,
    make(w) {
      const done = findOrAny(
        w,
        w.shadow.contributions,
        (c) => c.status === 'pending' && c.quorum > 0n && BigInt(c.scores.length) === c.quorum,
      );
      if (!done) return undefined;
      return call('DatanetRegistry', 'finalizeContribution', w.random.pick(w.stage.cast.everyone), [done[0]]);
    },
  },
  {
    name: 'decide as the owner',
    weight: 12,
    make(w) {
      const over = findOrAny(w, w.shadow.contributions, (c) => c.status === 'pending' && reviewRanOut(w.shadow, c));
      if (!over) return undefined;
      const { owner } = w.shadow.datanets.get(over[1].datanetId)!;
      const from = w.random.chance(0.95) ? owner : w.random.pick(w.stage.cast.everyone);
      const args = [over[0], w.random.chance(0.8), w.random.bytes32()];
      return call('DatanetRegistry', 'decideContribution', from, args);
    },
  },
  {
    name: 'take a contribution back',
    weight: 2,
    make(w) {
      const target = findOrAny(w, w.shadow.contributions, (c) => c.status === 'pending' || c.status === 'accepted');
      if (!target) return undefined;
      const [contributionId, { contributor }] = target;
      const relayers = w.stage.cast.relayers;
      const from = w.random.chance(0.7) ? contributor : w.random.pick([...relayers, ...w.stage.cast.outsiders]);
      return call('DatanetRegistry', 'withdrawContribution', from, [contributionId, w.random.bytes32()]);
    },
  },
];
