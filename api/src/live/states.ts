import type { Connection } from '@openledger/db';
import { relay } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { contribution, rewardAccount } from '@openledger/db/chain';
import { and, eq, inArray, or } from 'drizzle-orm';
import type { ApiDatabase } from '../context.ts';
import type { Row } from '../schema/entity.ts';
import type { Feed } from './feed.ts';

type RelayRow = typeof relay.$inferSelect;

export type ContributionState = {
  /** Null while it is not on chain, or not indexed. */
  readonly contribution: Row<'contribution'> | null;
  readonly relay: Pick<RelayRow, 'state' | 'error'> | null;
  readonly final: boolean;
};

export type RewardsState = {
  readonly account: Hex;
  readonly rewards: Row<'rewardAccount'> | null;
  readonly final: boolean;
};

type Sources = { readonly feed: Feed; readonly db: ApiDatabase; readonly app: Connection; readonly chainId: bigint };

/** Whether a row as it is now can no longer be taken back. */
function isFinal(
  feed: Feed,
  chainId: bigint,
  row: { readonly updatedBlock: bigint; readonly updatedAt: bigint },
): boolean {
  const window = feed.windows().get(chainId);
  if (window === undefined) return false;
  if (window.finalBlock !== null) return row.updatedBlock <= window.finalBlock;
  return row.updatedAt <= BigInt(window.finalId.slice(0, 10));
}

/** What accounts earned and claimed. */
export async function readRewards({ feed, db, chainId }: Sources, accounts: readonly string[]) {
  const rows = await db
    .select()
    .from(rewardAccount)
    .where(inArray(rewardAccount.account, accounts as Hex[]));
  const byAccount = new Map(rows.map((row) => [row.account, row]));
  return new Map(
    accounts.map((account) => {
      const rewards = byAccount.get(account as Hex) ?? null;
      const final = rewards !== null && isFinal(feed, chainId, rewards);
      return [account, { account: account as Hex, rewards, final } satisfies RewardsState];
    }),
  );
}

/** Where contributions stand, by their numbers on chain. */
export async function readContributions({ feed, db, chainId }: Sources, ids: readonly string[]) {
  const rows = await db
    .select()
    .from(contribution)
    .where(inArray(contribution.id, ids.map(BigInt)));
  const byId = new Map(rows.map((row) => [row.id.toString(), row]));
  return new Map(
    ids.map((id) => {
      const row = byId.get(id) ?? null;
      const final = row !== null && isFinal(feed, chainId, row);
      return [id, { contribution: row, relay: null, final } satisfies ContributionState];
    }),
  );
}

/** Where submissions stand: what the relayer does with them, and the contributions that they become. */
export async function readSubmissions({ feed, db, app, chainId }: Sources, keys: readonly string[]) {
  const relays = await app.db
    .select()
    .from(relay)
    .where(inArray(relay.idempotencyKey, [...keys]));
  const named = relays.flatMap(({ payload }) => {
    const { datanetId, contentHash } = payload;
    return typeof datanetId === 'string' && typeof contentHash === 'string'
      ? [and(eq(contribution.contentHash, contentHash as Hex), eq(contribution.datanetId, BigInt(datanetId)))]
      : [];
  });
  const rows =
    named.length === 0
      ? []
      : await db
          .select()
          .from(contribution)
          .where(or(...named));
  return new Map(
    relays.map(({ idempotencyKey, payload, account, state, error }) => {
      const row =
        rows.find(
          ({ contentHash, datanetId, contributor }) =>
            contentHash === payload.contentHash && `${datanetId}` === payload.datanetId && contributor === account,
        ) ?? null;
      const final = state === 'failed' || (row !== null && state === 'final' && isFinal(feed, chainId, row));
      return [idempotencyKey, { contribution: row, relay: { state, error }, final } satisfies ContributionState];
    }),
  );
}
