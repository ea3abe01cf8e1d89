import type { Connection } from '@openledger/db';
import type { chainRelations, Hex } from '@openledger/db/chain';
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import type { Logger } from 'pino';
import type { PublicClient } from 'viem';
import type { Budgets } from './config.ts';
import type { Deployment } from './contracts.ts';
import type { Halt } from './halt.ts';
import type { Caller } from './identity/caller.ts';
import type { KeyFor } from './identity/secret.ts';
import type { Workers } from './infer/workers.ts';
import type { Live } from './live/index.ts';
import type { ProtocolReader } from './onchain/reader.ts';
import type { IndexStatus } from './status.ts';

/** The database as the API uses it: drizzle over the chain schema's relations. */
export type ApiDatabase = PostgresJsDatabase<typeof chainRelations>;

/** What the process has, the same for every request. */
export type Services = {
  /** Reads schema `chain`, and nothing else. */
  readonly db: ApiDatabase;
  /** Reads and writes schema `app`. */
  readonly app: Connection;
  /** Resolves once schema `app` can be written and knows the chain; the guard asks it before every mutation. */
  readonly appReady: () => Promise<void>;
  /** How far the index is, read at most about once a second. */
  readonly status: () => Promise<IndexStatus>;
  /** Why the indexer has halted, at most half a second old; null while it has not. */
  readonly readHalt: () => Promise<Halt | null>;
  readonly deployment: Deployment;
  /** Asks the protocol's contracts themselves, where the index would be seconds too late. */
  readonly protocol: ProtocolReader;
  /** The account that sends what others signed. @throws NOT_CONFIGURED when this API has none */
  readonly relayer: () => Hex;
  /** The chain that rows of `app` belong to. */
  readonly genesisHash: Hex;
  /** Where clients reach this API: what a signature to sign in is bound to. */
  readonly publicUrl: () => URL;
  /** Web origins that may use a visitor's session; `*` among them for reading alone from any. */
  readonly origins: readonly string[];
  /** Accounts whose bots say who writes to them. */
  readonly chatOperators: readonly Hex[];
  /** Query cost that callers may spend in a minute. */
  readonly budgets: Budgets;
  /** Asks the chain's nodes. */
  readonly chain: PublicClient;
  /** Keys derived from API_SECRET, one for each purpose. */
  readonly keyFor: KeyFor;
  /** What happens now, for subscriptions. */
  readonly live: Live;
  /** Whether webhooks may lead into private networks. */
  readonly webhookAllowPrivate: boolean;
  /** What this process has under way with model workers. */
  readonly workers: Workers;
  /** Never give it tokens, signatures or contents. */
  readonly log: Logger;
};

/** What every resolver gets: one record for each request. */
export type ApiContext = Services & {
  readonly caller: Caller;
  /** As it came over HTTP: headers, address. */
  readonly request: Request;
  /** Headers that go out with the answer, such as cookies. */
  readonly respond: Headers;
};
