import type { Price } from './cost.ts';
import type { Guard } from './guard.ts';
import type { Visitor } from './visitor.ts';

/** What an operation cost and what its caller has left, for `extensions.cost` and for the answer's headers. */
export function costOf(guard: Guard, visitor: Visitor, { cost, writes }: Price) {
  const left = guard.left(visitor);
  return {
    cost: {
      requested: cost,
      limit: visitor.reads,
      remaining: left.read.remaining,
      resetAt: resetAt(left.read.fullInMs),
      ...(writes && {
        writes: {
          requested: writes,
          limit: visitor.writes,
          remaining: left.write.remaining,
          resetAt: resetAt(left.write.fullInMs),
        },
      }),
    },
    rates: guard.headers(visitor, left),
  };
}

/** Milliseconds from now, as a time in whole seconds. */
function resetAt(inMs: number): string {
  return `${new Date(Math.ceil((Date.now() + inMs) / 1000) * 1000).toISOString().slice(0, -5)}Z`;
}
