import { type Audit, audit, createAudit } from './audit.ts';
import { type Call, describeCall, type Outcome } from './call.ts';
import { createDriver, type Holder, type Mined } from './driver.ts';
import { nextCall } from './plans/index.ts';
import { createRandom, type Random } from './random.ts';
import { follow } from './shadow/index.ts';
import { createShadow, type Shadow } from './shadow/state.ts';
import type { Stage } from './stage.ts';
import { type Invariant, Violation } from './violation.ts';
import { createWorld, type World } from './world.ts';

/** How often calls of a function passed, and how often the rules forbade one, by the invariant that a pass would have broken. */
export type Reached = { passed: number; readonly refused: Record<Invariant, number> };

export type Report = {
  readonly calls: number;
  readonly blocks: number;
  /** By `Contract.function`. */
  readonly reached: ReadonlyMap<string, Reached>;
  readonly milestones: Audit['milestones'];
  /** What broke, and the calls before it, oldest first; undefined when everything held. */
  readonly violation?: Violation;
  readonly story: readonly string[];
};

export type FuzzOptions = {
  readonly stage: Stage;
  readonly seed: number;
  readonly calls: number;
  /** Pass over calls that fail although they had to pass, unless one of the six invariants promises it. */
  readonly patient?: boolean;
};

const storyLength = 25;

/** Plays random calls against the contracts, and holds every single one against the shadow and the six invariants. */
export async function fuzz({ stage, seed, calls, patient = false }: FuzzOptions): Promise<Report> {
  const random = createRandom(seed);
  const shadow = createShadow(stage.setting);
  const world = createWorld(stage, shadow, random);
  const audits = createAudit(stage.setting.addresses, stage.setting.balances);
  const chain = await createDriver(stage);
  const reached = new Map<string, Reached>();
  const story: string[] = [];
  let [done, blocks] = [0, 0];
  const report = (violation?: Violation): Report => ({
    ...{ calls: done, blocks, reached, story, milestones: audits.milestones },
    ...(violation ? { violation } : {}),
  });

  shadow.now = await chain.time();
  while (done < calls) {
    shadow.now += timeStep(random);
    const made = Array.from({ length: Math.min(random.between(1, 60), calls - done) }, () => nextCall(world));
    const { outcomes, balances } = await chain.mine(made, shadow.now);
    blocks += 1;
    try {
      for (const [index, call] of made.entries()) {
        const outcome = outcomes[index]!;
        done += 1;
        story.push(`${shadow.now} ${outcome.success ? 'passed' : 'failed'} ${describeCall(call)}`);
        if (story.length > storyLength) story.shift();
        const entry = reachedBy(reached, call);
        if (outcome.success) entry.passed += 1;
        const refusal = check(world, audits, call, outcome, patient);
        if (refusal) entry.refused[refusal.invariant] += 1;
      }
      compareBalances(shadow, balances);
    } catch (error) {
      if (error instanceof Violation) return report(error);
      throw error;
    }
  }
  return report();
}

/** @returns why the rules forbid the call, if they do. @throws Violation that ends the run. */
function check(world: World, audits: Audit, call: Call, outcome: Outcome, patient: boolean) {
  try {
    audit(audits, call, outcome, world.shadow.now);
    const refusal = follow(world.shadow, call, outcome);
    if (refusal) return refusal;
  } catch (error) {
    if (patient && error instanceof Violation && !error.happened && error.invariant === 0) return undefined;
    throw error;
  }
  if (call.fn === 'renounceRole') return undefined;
  world.history.push(call);
  if (world.history.length > 400) world.history.splice(0, 100);
  return undefined;
}

function reachedBy(reached: Map<string, Reached>, { contract, fn }: Call): Reached {
  const key = `${contract}.${fn}`;
  const entry = reached.get(key) ?? { passed: 0, refused: { 0: 0, 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, 6: 0 } };
  reached.set(key, entry);
  return entry;
}

/** Mostly seconds, sometimes past a window or two. */
function timeStep(random: Random): bigint {
  const [least, most] = random.weighted([
    { weight: 60, range: [1, 15] as const },
    { weight: 25, range: [15, 90] as const },
    { weight: 12, range: [90, 300] as const },
    { weight: 3, range: [300, 1_200] as const },
  ]).range;
  return BigInt(random.between(least, most));
}

/** @throws Violation when a contract's OPEN is not what the shadow says it owes and was given. */
function compareBalances(shadow: Shadow, balances: Mined['balances']): void {
  const { stakePool, escrow, rewards, donated } = shadow;
  const owed: Readonly<Record<Holder, bigint>> = {
    InferenceEscrow: escrow.deposits + escrow.credits + escrow.held,
    RewardDistributor: rewards.funded - rewards.claimedTotal,
    StakeManager: stakePool.total + stakePool.received - stakePool.paid,
    GOPEN: [...shadow.wrapped.values()].reduce((sum, amount) => sum + amount, 0n),
  };
  for (const [holder, balance] of balances) {
    const expected = owed[holder] + (donated.get(shadow.setting.addresses[holder]) ?? 0n);
    if (balance !== expected) {
      throw new Violation(2, `${holder} holds ${balance} wei of OPEN; it owes and was given ${expected}.`);
    }
  }
}
