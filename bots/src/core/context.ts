import type { Api } from './api/client.ts';
import type { Person, Place } from './person.ts';
import type { Texts } from './texts/index.ts';

/** A wallet that the person proved to be theirs. */
export type Wallet = {
  /** Lower case. */
  readonly account: string;
  /** The public API in the wallet's name, as far as its key for the bot goes. */
  readonly api: Api;
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
  /** Keeps the key that the bot was given for a wallet. */
  readonly keepKey: (token: string) => Promise<void>;
  readonly dropKey: () => Promise<void>;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
};
