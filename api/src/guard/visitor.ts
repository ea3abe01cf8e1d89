import type { Budgets } from '../config.ts';
import type { Caller } from '../identity/caller.ts';

/** A caller with what it may spend. */
export type Visitor = {
  readonly caller: Caller;
  /** Whose buckets they are: an address, an account with all its sessions, or a key. */
  readonly key: string;
  /** Query cost a minute. */
  readonly reads: number;
  /** Mutations a minute. */
  readonly writes: number;
};

export function visitorOf(caller: Caller, address: string, budgets: Budgets): Visitor {
  switch (caller.kind) {
    case 'anonymous':
      return { caller, key: `address ${address}`, reads: budgets.anonymous, writes: budgets.writes.anonymous };
    case 'session':
      return { caller, key: `account ${caller.account}`, reads: budgets.session, writes: budgets.writes.session };
    case 'key':
      return { caller, key: `key ${caller.keyId}`, reads: caller.budgetPerMinute, writes: budgets.writes.key };
  }
}
