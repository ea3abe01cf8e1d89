import { createDice, type Dice } from './dice.ts';
import { type FaultKind, type FaultRates, faultKinds } from './fault.ts';

/** Chains that a provider believes in, other than the true one. */
export const outlookKinds = ['behind', 'frozen', 'forked', 'foreign', 'namesake'] as const;
export type OutlookKind = (typeof outlookKinds)[number];

/** One step of a schedule. Times in milliseconds, `provider` from 0. */
export type Step =
  /** Things happen, each transaction in a block of its own. */
  | { readonly do: 'traffic'; readonly scenes: number }
  /** Many things happen in a few blocks. */
  | { readonly do: 'crowd'; readonly scenes: number; readonly blocks: number }
  /** Blocks without events. */
  | { readonly do: 'mine'; readonly blocks: number }
  /** The indexer is started. What stands before happens to a chain that nobody reads. */
  | { readonly do: 'start' }
  | { readonly do: 'wait'; readonly ms: number }
  /** Waits until the indexer follows the chain, or has had time enough for it. */
  | { readonly do: 'catch up' }
  /**
   * The newest `depth` blocks are made, stand for a while, and are replaced by at least as many others: at once, or in
   * sight of the indexer one after another. One provider may go on with what was left.
   */
  | {
      readonly do: 'reorganise';
      readonly depth: number;
      readonly stands: number;
      readonly inSight: boolean;
      readonly scenes: number;
      readonly left?: number;
    }
  /** From now on a provider has these faults, and no others. */
  | { readonly do: 'suffer'; readonly provider: number; readonly rates: FaultRates }
  /** From now on one provider believes in another chain, and the others in the true one. */
  | {
      readonly do: 'believe';
      readonly provider: number;
      readonly outlook: Exclude<OutlookKind, 'forked'>;
      readonly blocks: number;
    }
  /** Every provider is whole again, and believes in the true chain. */
  | { readonly do: 'agree' }
  /** `kill -9`, and a start after a pause: at once, or when the lock of the killed one would have run out by itself. */
  | { readonly do: 'kill'; readonly pause: number }
  | { readonly do: 'stop'; readonly pause: number }
  | { readonly do: 'drop database' }
  /** Another chain with the same id behind the same URLs, with the contracts deployed again. */
  | { readonly do: 'reset chain' };

/** What happens, in order: plain data that follows from the seed alone. */
export type Plan = { readonly seed: number; readonly providers: number; readonly steps: readonly Step[] };

/** The deepest reorganisation that Ponder undoes is 30 blocks on this chain; a step back of another kind may add to it. */
const deepest = 25;

/**
 * Draws a schedule.
 * @param without kinds of faults and outlooks to leave out; the rest of the plan stays as it is.
 */
export function drawPlan(seed: number, without: readonly string[] = []): Plan {
  const dice = createDice(`plan ${seed}`);
  const providers = dice.pick([1, 2, 2, 3]);
  const steps: Step[] = [
    { do: 'traffic', scenes: dice.between(2, 12) },
    { do: 'crowd', scenes: dice.between(5, 25), blocks: dice.between(1, 3) },
    ...trouble(dice, providers),
    { do: 'start' },
    { do: 'wait', ms: dice.between(0, 3_000) },
    reorganisation(dice, providers),
  ];
  const blows = dice.between(1, 2);
  for (let blow = 0; blow < blows; blow++) {
    if (dice.chance(0.7)) steps.push({ do: 'catch up' });
    const acts = dice.between(1, 3);
    for (let act = 0; act < acts; act++) {
      if (dice.chance(0.6)) steps.push(...trouble(dice, providers));
      steps.push(life(dice), { do: 'wait', ms: dice.between(0, 800) });
      if (dice.chance(0.7)) steps.push(reorganisation(dice, providers));
    }
    steps.push(dice.chance(0.2) ? { do: 'agree' } : life(dice), blowOf(dice));
    steps.push({ do: 'wait', ms: dice.between(0, 2_500) });
  }
  if (dice.chance(0.7)) steps.push({ do: 'catch up' });
  steps.push(...trouble(dice, providers), life(dice), reorganisation(dice, providers), life(dice));
  steps.push({ do: 'wait', ms: dice.between(0, 1_500) });
  return { seed, providers, steps: steps.flatMap((step) => spared(step, without)) };
}

const life = (dice: Dice): Step =>
  dice.pick<Step>([
    { do: 'traffic', scenes: dice.between(1, 5) },
    { do: 'crowd', scenes: dice.between(3, 12), blocks: dice.between(1, 2) },
    { do: 'mine', blocks: dice.between(1, 35) },
  ]);

const reorganisation = (dice: Dice, providers: number): Step => {
  const depth = dice.between(1, deepest);
  const left = providers > 1 && dice.chance(0.25) ? { left: dice.between(0, providers - 1) } : {};
  const scenes = dice.chance(0.2) ? 0 : dice.between(1, 6);
  return { do: 'reorganise', depth, stands: dice.between(0, 1_500), inSight: dice.chance(0.4), scenes, ...left };
};

const blowOf = (dice: Dice): Step => {
  const thrown = dice.next();
  if (thrown < 0.5) return { do: 'kill', pause: dice.chance(0.7) ? 0 : dice.between(100, 2_000) };
  if (thrown < 0.7) return { do: 'stop', pause: dice.between(0, 1_000) };
  return { do: thrown < 0.88 ? 'drop database' : 'reset chain' };
};

/** Some faults at some providers, a disagreement between them, or all of them gone for a while. */
const trouble = (dice: Dice, providers: number): readonly Step[] => {
  const everyone = Array.from({ length: providers }, (_, provider) => provider);
  if (dice.chance(0.1)) {
    const outage = everyone.map((provider): Step => ({ do: 'suffer', provider, rates: { drop: 1 } }));
    return [...outage, { do: 'wait', ms: dice.between(500, 3_000) }, { do: 'agree' }];
  }
  if (providers > 1 && dice.chance(0.4)) {
    const provider = dice.between(0, providers - 1);
    const outlook = dice.pick(['behind', 'frozen', 'foreign', 'namesake'] as const);
    return [{ do: 'believe', provider, outlook, blocks: dice.between(1, deepest) }];
  }
  return everyone.map((provider): Step => {
    const kinds = Array.from({ length: dice.between(1, 3) }, () => dice.pick(faultKinds));
    const rates = Object.fromEntries(kinds.map((kind) => [kind, rateOf(dice, kind)]));
    return { do: 'suffer', provider, rates };
  });
};

/** At most three kinds come together, so that some requests always get through. */
const rateOf = (dice: Dice, kind: FaultKind): number => {
  const percent = { hang: dice.between(1, 5), cap: 100, truncate: dice.between(40, 90) };
  return (kind in percent ? percent[kind as keyof typeof percent] : dice.between(10, 30)) / 100;
};

function spared(step: Step, without: readonly string[]): readonly Step[] {
  if (step.do === 'believe') return without.includes(step.outlook) ? [] : [step];
  if (step.do === 'reorganise' && step.left !== undefined && without.includes('forked')) {
    const { left: _, ...rest } = step;
    return [rest];
  }
  if (step.do !== 'suffer') return without.includes(step.do) ? [] : [step];
  const rates = Object.entries(step.rates).filter(([kind]) => !without.includes(kind));
  return [{ ...step, rates: Object.fromEntries(rates) }];
}
