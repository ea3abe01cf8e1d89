import type { Connection } from '@openledger/db';
import type { GraphQLError } from 'graphql';
import type { ApiConfig } from '../config.ts';
import { userError } from '../errors.ts';
import { anonymous, callerOf } from '../identity/caller.ts';
import { sessionCookie } from '../identity/cookie.ts';
import { addressOf } from './address.ts';
import { createBuckets, type Taken } from './buckets.ts';
import { checkForgery } from './csrf.ts';
import { createTurns, type Turns } from './turns.ts';
import { type Visitor, visitorOf } from './visitor.ts';

/** What is read of headers; names are in lower case. */
export type HeadersReader = Pick<Headers, 'get' | 'has'>;

/** A request as any server sees it. */
export type Arrival = {
  readonly method: string;
  readonly headers: HeadersReader;
  /** The address it came from. */
  readonly peer: string | undefined;
};

export type Guard = {
  /**
   * Who sent a request, once it has paid for being looked at.
   * @throws UNAUTHENTICATED (401) for a bad token, CSRF_REFUSED (403), RATE_LIMITED (429)
   */
  readonly admit: (arrival: Arrival) => Promise<Visitor>;
  /** Spends query cost. @throws RATE_LIMITED (429), or BUDGET_EXCEEDED (403) for what no waiting brings */
  readonly read: (visitor: Visitor, cost: number) => Taken;
  /** Spends query cost that was caused already: as much of it as is left. */
  readonly fine: (visitor: Visitor, cost: number) => void;
  /** Spends mutations. @throws as `read` */
  readonly write: (visitor: Visitor, mutations: number) => Taken;
  /** What a visitor has left. */
  readonly left: (visitor: Visitor) => { readonly read: Taken; readonly write: Taken };
  /** `RateLimit` and `RateLimit-Policy` as they stand for a visitor. */
  readonly headers: (visitor: Visitor, left?: ReturnType<Guard['left']>) => Record<string, string>;
  /** Lets only so many operations of one visitor run at a time. */
  readonly turns: Turns;
};

type Options = Pick<ApiConfig, 'budgets' | 'origins' | 'proxies'> & {
  readonly app: Connection;
  readonly publicUrl: () => URL;
};

/** Every request costs this much to look at, whatever it asks. */
const ARRIVAL = 1;

/** Knows callers, and what they have left. */
export function createGuard({ app, budgets, origins, proxies, publicUrl }: Options): Guard {
  const buckets = createBuckets();
  const read = (visitor: Visitor, cost: number) => {
    const taken = buckets.take(`read ${visitor.key}`, visitor.reads, cost);
    if (!taken.taken) throw refusal(taken, `This costs ${cost}`, `${visitor.reads} a minute`);
    return taken;
  };
  const left = (visitor: Visitor) => ({
    read: buckets.take(`read ${visitor.key}`, visitor.reads, 0),
    write: buckets.take(`write ${visitor.key}`, visitor.writes, 0),
  });

  return {
    turns: createTurns(),
    read,
    fine: (visitor, cost) => {
      read(visitor, Math.min(cost, left(visitor).read.remaining));
    },
    write: (visitor, mutations) => {
      const taken = buckets.take(`write ${visitor.key}`, visitor.writes, mutations);
      if (!taken.taken) throw refusal(taken, `This writes ${mutations} times`, `${visitor.writes} mutations a minute`);
      return taken;
    },
    left,
    headers: (visitor, { read, write } = left(visitor)) => {
      return {
        'ratelimit-policy': `"read";q=${visitor.reads};w=60, "write";q=${visitor.writes};w=60`,
        ratelimit: `"read";r=${read.remaining};t=${seconds(read.fullInMs)}, "write";r=${write.remaining};t=${seconds(write.fullInMs)}`,
      };
    },
    admit: async (arrival) => {
      const { headers } = arrival;
      const address = addressOf(arrival.peer, headers.get('x-forwarded-for'), proxies);
      const named = headers.has('authorization') || sessionCookie(headers) !== undefined;
      if (!named) {
        checkForgery(arrival, { cookie: false, origins, publicUrl });
        const visitor = visitorOf(anonymous, address, budgets);
        read(visitor, ARRIVAL);
        return visitor;
      }
      checkForgery(arrival, { cookie: !headers.has('authorization'), origins, publicUrl });
      // Whoever guesses tokens is stopped before the database is asked.
      const guesses = `guess ${address}`;
      const allowed = budgets.writes.anonymous;
      if (buckets.take(guesses, allowed, 0).remaining < 1) {
        const waitMs = 60_000 / allowed;
        throw refusal({ waitMs, remaining: 0 }, 'Wrong tokens came from this address', `${allowed} a minute`);
      }
      const caller = await callerOf(app, headers).catch((error: GraphQLError) => {
        if (error.extensions?.code === 'UNAUTHENTICATED') buckets.take(guesses, allowed, 1);
        throw error;
      });
      const visitor = visitorOf(caller, address, budgets);
      read(visitor, ARRIVAL);
      return visitor;
    },
  };
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

function refusal(
  { waitMs, remaining }: Pick<Taken, 'waitMs' | 'remaining'>,
  what: string,
  budget: string,
): GraphQLError {
  if (waitMs === Number.POSITIVE_INFINITY) {
    const error = userError(
      'BUDGET_EXCEEDED',
      `${what}; a caller like this one has ${budget}. Ask for smaller pages or fewer fields, sign in, or use a key with a larger budget.`,
    );
    error.extensions.http = { status: 403 };
    return error;
  }
  const wait = Math.max(1, seconds(waitMs));
  const error = userError('RATE_LIMITED', `${what}, and ${remaining} of ${budget} is left: ask again in ${wait} s.`);
  error.extensions.http = { status: 429, headers: { 'retry-after': String(wait) } };
  return error;
}
