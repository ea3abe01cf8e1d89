import type { Api } from './api/client.ts';
import type { Limits } from './limits.ts';
import type { Person, Place } from './person.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { Texts } from './texts/index.ts';

/** A wallet that the person proved to be theirs. */
export type Wallet = {
  /** Lower case. */
  readonly account: string;
  /** The public API in the wallet's name, as far as its key for the bot goes. */
  readonly api: Api;
};

/** What the bot itself keeps of a person: the API knows nothing of it. */
export type OwnRecords = {
  /** Keeps the key that the bot was given for the person's wallet, sealed. */
  readonly keepKey: (key: { readonly account: string; readonly token: string }) => Promise<void>;
  readonly dropKey: () => Promise<void>;
  /**
   * Lets a person do something once in a while.
   *
   * @returns seconds to wait; 0 lets it through and begins to count.
   */
  readonly waitFor: (what: string, seconds: number) => Promise<number>;
  /** Everything that is kept, as JSON for the person to take along. */
  readonly all: () => Promise<Readonly<Record<string, unknown>>>;
  /** Deletes it all. */
  readonly forget: () => Promise<void>;
};

/** What a command has at hand. */
export type Context = {
  readonly person: Person;
  readonly place: Place;
  readonly texts: Texts;
  /** The public API without an account. */
  readonly api: Api;
  /** The public API as the bot's operator: who is linked, who consented. */
  readonly operator: Api;
  /** Undefined until a wallet is linked. */
  readonly wallet: () => Promise<Wallet | undefined>;
  readonly records: OwnRecords;
  readonly limits: Limits;
  readonly subscriptions: Subscriptions;
  /** Where the API's pages are, without a slash at the end. */
  readonly pagesUrl: string;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
};
