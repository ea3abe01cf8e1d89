import type { Database } from '@openledger/db';
import type { Api } from '../core/api/client.ts';
import { createApi } from '../core/api/http.ts';
import type { Context, Wallet } from '../core/context.ts';
import type { Limits } from '../core/limits.ts';
import type { Person, Place } from '../core/person.ts';
import { textsFor } from '../core/texts/index.ts';
import type { Records } from './records.ts';
import { subscriptionsOf } from './subscriptions.ts';

export type ContextOptions = {
  readonly db: Database;
  readonly records: Records;
  readonly limits: Limits;
  /** Where the API answers, without a slash at the end. */
  readonly apiUrl: string;
  /** Where people reach its pages; the same without it. */
  readonly pagesUrl?: string | undefined;
  readonly operator: Api;
};

export type Situation = {
  readonly person: Person;
  readonly place: Place;
  readonly aloneWith: string;
  readonly signal: AbortSignal;
};

/** Gives commands what they need for one person in one place. */
export const createContexts = ({ db, records, limits, apiUrl, pagesUrl = apiUrl, operator }: ContextOptions) => {
  const api = createApi(apiUrl);
  return ({ person, place, aloneWith, signal }: Situation): Context => {
    const texts = textsFor(person.locale);
    let wallet: Promise<Wallet | undefined> | undefined;
    const read = async (): Promise<Wallet | undefined> => {
      const key = await records.keyOf(person);
      return key && { account: key.account, api: createApi(apiUrl, key.token) };
    };
    return {
      person,
      place,
      texts,
      api,
      operator,
      // One look for each thing that is asked.
      wallet: () => {
        wallet ??= read();
        return wallet;
      },
      records: records.of(person),
      limits,
      subscriptions: subscriptionsOf(db, { person, place, aloneWith, locale: texts.locale }),
      pagesUrl,
      signal,
    };
  };
};
