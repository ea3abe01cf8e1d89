import type { Call } from '../call.ts';
import { encodeInner } from '../shadow/multicall.ts';
import { call, type Plan, type World } from '../world.ts';
import { communityPlans } from './community.ts';
import { reviewPlans } from './review.ts';

/** Calls of people, reviews and relayers that may be carried together. */
const carried: readonly Plan[] = [...communityPlans, ...reviewPlans];

/** What a sender would do next, tried a few times: its own calls, and those that anyone may make. */
function callsOf(w: World, from: Call['from'], most: number): readonly Call[] {
  const found: Call[] = [];
  for (let tries = 0; tries < 40 && found.length < most; tries += 1) {
    const made = w.random.weighted(carried).make(w);
    if (made && (made.from === from || made.fn === 'finalizeContribution')) found.push(made);
  }
  return found;
}

export const batchPlans: readonly Plan[] = [
  {
    name: 'carry many calls in one transaction',
    weight: 10,
    make(w) {
      const from = w.random.pick([...w.stage.cast.relayers, w.random.pick(w.stage.cast.everyone)]);
      const inner = callsOf(w, from, w.random.between(1, 4));
      if (inner.length === 0) return undefined;
      const hostile = inner.some(({ kind }) => kind === 'hostile');
      return call('DatanetRegistry', 'multicall', from, [inner.map(({ fn, args }) => encodeInner(fn, args))], hostile);
    },
  },
];
