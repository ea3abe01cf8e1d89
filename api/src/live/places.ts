import { userError } from '../errors.ts';

/** Subscriptions that are open at once at most. */
export const liveLimits = { anonymous: 10, account: 50, process: 2000 };

export type Places = {
  /** @returns what gives the place back. @throws RATE_LIMITED when the caller, or the process, has no more */
  readonly take: (caller: string, kind: 'anonymous' | 'account') => () => void;
  readonly taken: () => number;
};

export function createPlaces(limits = liveLimits): Places {
  const byCaller = new Map<string, number>();
  let all = 0;
  return {
    taken: () => all,
    take: (caller, kind) => {
      const own = byCaller.get(caller) ?? 0;
      if (own >= limits[kind]) {
        throw userError(
          'RATE_LIMITED',
          `${own} subscriptions are open already for ${kind === 'account' ? 'this account' : 'this address'}, which is the most: end one first${kind === 'account' ? '' : ', or sign in for more'}.`,
        );
      }
      if (all >= limits.process) {
        throw userError('RATE_LIMITED', 'This server has as many subscriptions open as it serves: try again later.');
      }
      byCaller.set(caller, own + 1);
      all += 1;
      let given = false;
      return () => {
        if (given) return;
        given = true;
        all -= 1;
        const left = byCaller.get(caller)! - 1;
        if (left === 0) byCaller.delete(caller);
        else byCaller.set(caller, left);
      };
    },
  };
}
