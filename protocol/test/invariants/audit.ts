import type { Call, Event, Hex, Outcome, Target, Value } from './call.ts';
import type { Invariant } from './violation.ts';
import { Violation } from './violation.ts';

/**
 * The six invariants, checked on nothing but the chain's own events. It knows no rule of the contracts; it only adds up
 * what they announced, call by call.
 */
export type Audit = ReturnType<typeof createAudit>;

type Holder = 'InferenceEscrow' | 'RewardDistributor' | 'StakeManager';

export function createAudit(addresses: Readonly<Record<Target, Hex>>, balances: ReadonlyMap<Hex, bigint>) {
  return {
    addresses,
    balances: new Map(balances),
    owed: { InferenceEscrow: 0n, RewardDistributor: 0n, StakeManager: 0n } as Record<Holder, bigint>,
    contributorsParts: new Map<string, bigint>(),
    scored: new Set<string>(),
    batchOf: new Map<string, string>(),
    batches: new Map<
      string,
      { deadline: bigint; held: bigint; attributed: bigint; status: 'posted' | 'paid' | 'revoked' }
    >(),
    claimed: new Map<string, bigint>(),
    slashed: new Map<string, bigint>(),
    /** Targets of open disputes, by dispute. */
    disputed: new Map<string, string>(),
    /** How often the deep states were reached. */
    milestones: {
      attributedAgain: 0,
      batchesPaid: 0,
      batchesRevoked: 0,
      slashes: 0,
      bondsLost: 0,
      upheld: 0,
      disputedTogether: 0,
      claims: 0,
    },
  };
}

/** @throws Violation with the invariant that the events of this call break. */
export function audit(a: Audit, call: Call, outcome: Outcome, now: bigint): void {
  for (const { from, to, amount } of outcome.moves) {
    a.balances.set(from, (a.balances.get(from) ?? 0n) - amount);
    a.balances.set(to, (a.balances.get(to) ?? 0n) + amount);
  }
  outcome.events.forEach((event, index) => {
    rules[event.name]?.(a, event, { call, outcome, now, next: outcome.events[index + 1] });
  });
  checkLeaving(a, outcome);
  for (const holder of Object.keys(a.owed) as Holder[]) {
    const balance = a.balances.get(a.addresses[holder]) ?? 0n;
    must(2, balance >= a.owed[holder], `${holder} holds ${balance} wei of OPEN and owes ${a.owed[holder]}`);
  }
}

type Context = { call: Call; outcome: Outcome; now: bigint; next: Event | undefined };
type Rule = (a: Audit, event: Event, context: Context) => void;

function must(invariant: Invariant, holds: boolean, message: string): void {
  if (!holds) throw new Violation(invariant, `${message}.`);
}

const amountOf = (event: Event, field: string) => event.args[field] as bigint;
const textOf = (event: Event, field: string) => String(event.args[field]);
const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);

const rules: Readonly<Record<string, Rule>> = {
  Deposited: (a, event) => {
    if (event.contract === 'InferenceEscrow') a.owed.InferenceEscrow += amountOf(event, 'amount');
  },
  Withdrawn: (a, event) => {
    a.owed.InferenceEscrow -= amountOf(event, 'amount');
  },
  EarningsWithdrawn: (a, event) => {
    a.owed.InferenceEscrow -= amountOf(event, 'amount');
  },
  InferenceSettled(_, event, { next }) {
    const fee = amountOf(event, 'fee');
    must(
      1,
      next?.name === 'FeeDistributed' && next.args.requestId === event.args.requestId,
      'a fee was not distributed',
    );
    const parts = sum(['platform', 'model', 'worker', 'stakers', 'contributors'].map((part) => amountOf(next!, part)));
    must(1, parts === fee, `the parts of a fee of ${fee} wei sum to ${parts}`);
  },
  FeeDistributed(a, event) {
    const requestId = textOf(event, 'requestId');
    must(3, !a.contributorsParts.has(requestId), `request ${requestId} was settled twice`);
    a.contributorsParts.set(requestId, amountOf(event, 'contributors'));
    a.owed.InferenceEscrow -= amountOf(event, 'stakers');
    a.owed.StakeManager += amountOf(event, 'stakers');
  },
  ContributionScored(a, event) {
    const key = `${textOf(event, 'contributionId')} ${textOf(event, 'validator')}`;
    must(3, !a.scored.has(key), `one validator scored a contribution twice: ${key}`);
    a.scored.add(key);
  },
  AttributionBatchPosted(a, event) {
    const deadline = amountOf(event, 'challengeDeadline');
    a.batches.set(textOf(event, 'batchId'), { deadline, held: 0n, attributed: 0n, status: 'posted' });
  },
  InferenceAttributed(a, event) {
    const [requestId, batchId] = [textOf(event, 'requestId'), textOf(event, 'batchId')];
    const previous = a.batches.get(a.batchOf.get(requestId) ?? '');
    must(3, !previous || previous.status === 'revoked', `request ${requestId} was attributed twice`);
    if (previous) a.milestones.attributedAgain += 1;
    a.batchOf.set(requestId, batchId);
    const attributed = sum(event.args.amounts as readonly bigint[]);
    const part = a.contributorsParts.get(requestId);
    const total = attributed + amountOf(event, 'unattributed');
    must(1, total === part, `request ${requestId} has ${part} wei for contributors and was attributed ${total}`);
    const batch = a.batches.get(batchId)!;
    batch.held += total;
    batch.attributed += attributed;
  },
  AttributionBatchFinalized(a, event, { now, outcome }) {
    const batch = a.batches.get(textOf(event, 'batchId'))!;
    must(4, batch.status === 'posted', `a batch paid that was already ${batch.status}`);
    must(4, now >= batch.deadline, `a batch paid at ${now}, it could be challenged until ${batch.deadline}`);
    batch.status = 'paid';
    a.milestones.batchesPaid += 1;
    const { InferenceEscrow, RewardDistributor } = a.addresses;
    const paid = moved(outcome, InferenceEscrow, RewardDistributor);
    must(4, paid === batch.attributed, `a batch of ${batch.attributed} wei paid ${paid}`);
    a.owed.InferenceEscrow -= batch.attributed;
    a.owed.RewardDistributor += batch.attributed;
  },
  AttributionBatchRevoked(a, event) {
    const batch = a.batches.get(textOf(event, 'batchId'))!;
    must(4, batch.status === 'posted', `a batch was revoked that was already ${batch.status}`);
    batch.status = 'revoked';
    a.milestones.batchesRevoked += 1;
  },
  Claimed(a, event) {
    const account = textOf(event, 'account');
    const total = (a.claimed.get(account) ?? 0n) + amountOf(event, 'amount');
    must(
      3,
      total === amountOf(event, 'cumulative'),
      `${account} claimed ${total} wei in all, not its cumulative amount`,
    );
    a.claimed.set(account, total);
    a.milestones.claims += 1;
    a.owed.RewardDistributor -= amountOf(event, 'amount');
  },
  RoleStaked: (a, event) => {
    a.owed.StakeManager += amountOf(event, 'amount');
  },
  StakeWithdrawn: (a, event) => {
    a.owed.StakeManager -= amountOf(event, 'amount');
  },
  StakerRewardPaid: (a, event) => {
    a.owed.StakeManager -= amountOf(event, 'amount');
  },
  Slashed(a, event) {
    const disputeId = textOf(event, 'disputeId');
    a.owed.StakeManager -= amountOf(event, 'amount');
    a.milestones.slashes += 1;
    if (disputeId === '0') a.milestones.bondsLost += 1;
    a.slashed.set(disputeId, (a.slashed.get(disputeId) ?? 0n) + amountOf(event, 'amount'));
  },
  DisputeRaised(a, event) {
    const target = `${amountOf(event, 'targetType')} ${textOf(event, 'targetId')}`;
    if ([...a.disputed.values()].includes(target)) a.milestones.disputedTogether += 1;
    a.disputed.set(textOf(event, 'disputeId'), target);
  },
  DisputeResolved(a, event) {
    a.disputed.delete(textOf(event, 'disputeId'));
    const slashed = a.slashed.get(textOf(event, 'disputeId')) ?? 0n;
    const announced = amountOf(event, 'slashed');
    if (event.args.upheld) a.milestones.upheld += 1;
    must(
      6,
      announced === slashed,
      `a dispute announced ${announced} wei slashed, its Slashed events sum to ${slashed}`,
    );
  },
};

/** Whatever leaves the stakes is announced with its receiver: slashed, withdrawn, or paid as a staker's reward. */
function checkLeaving(a: Audit, outcome: Outcome): void {
  const stakes = a.addresses.StakeManager;
  const announced = new Map<string, bigint>();
  for (const { name, args } of outcome.events) {
    if (name !== 'Slashed' && name !== 'StakeWithdrawn' && name !== 'StakerRewardPaid') continue;
    const receiver = (name === 'Slashed' ? args.beneficiary : args.account) as Value as string;
    announced.set(receiver, (announced.get(receiver) ?? 0n) + (args.amount as bigint));
  }
  const receivers = new Set([...announced.keys(), ...outcome.moves.filter((m) => m.from === stakes).map((m) => m.to)]);
  for (const receiver of receivers) {
    const left = moved(outcome, stakes, receiver as Hex);
    const due = announced.get(receiver) ?? 0n;
    must(6, left === due, `${left} wei left the stakes for ${receiver}, announced were ${due}`);
  }
}

function moved(outcome: Outcome, from: Hex, to: Hex): bigint {
  return sum(outcome.moves.filter((m) => m.from === from && m.to === to).map(({ amount }) => amount));
}
