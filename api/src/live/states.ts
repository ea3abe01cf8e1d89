import type { Connection } from '@openledger/db';
import { intakeVerdict, relay, submission } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { contribution, rewardAccount } from '@openledger/db/chain';
import { and, eq, inArray, or } from 'drizzle-orm';
import type { ApiDatabase } from '../context.ts';
import type { Row } from '../schema/entity.ts';
import type { SubmissionState } from '../submissions/rows.ts';
import type { Feed } from './feed.ts';

export type ContributionState = {
  /** Null while it is not on chain, or not indexed. */
  readonly contribution: Row<'contribution'> | null;
  /** Null where no submission was asked for. */
  readonly state: SubmissionState | null;
  readonly error: string | null;
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
      return [id, { contribution: row, state: null, error: null, final } satisfies ContributionState];
    }),
  );
}

/** The id of a submission, or what the relayer knows an action by. */
export const isSubmissionId = (key: string): boolean => /^\d{1,18}$/.test(key);

/** Where submissions stand, by their ids or the relayer's keys: what is decided, what is sent, and what they become. */
export async function readSubmissions({ feed, db, app, chainId }: Sources, keys: readonly string[]) {
  const ids = keys.filter(isSubmissionId).map(BigInt);
  const submitted = ids.length === 0 ? [] : await findSubmitted(app, ids);
  const relayKeys = [
    ...keys.filter((key) => !isSubmissionId(key)),
    ...submitted.flatMap(({ relayKey }) => relayKey ?? []),
  ];
  const relays = await app.db.select().from(relay).where(inArray(relay.idempotencyKey, relayKeys));

  const found = new Map<string, { state: SubmissionState; error: string | null; names: Names | null }>();
  for (const { idempotencyKey, payload, account, state, error } of relays) {
    const { datanetId, contentHash } = payload;
    const isContribution = typeof datanetId === 'string' && typeof contentHash === 'string';
    const names = isContribution
      ? { datanetId: BigInt(datanetId), contentHash: contentHash as Hex, contributor: account }
      : null;
    found.set(idempotencyKey, { state, error, names });
  }
  for (const { id, relayKey, outcome, resolution, ...names } of submitted) {
    const relayed = relayKey === null ? undefined : found.get(relayKey);
    const state =
      outcome === 'refuse' || resolution === 'refuse'
        ? 'refused'
        : outcome === 'hold' && resolution === null
          ? 'held'
          : (relayed?.state ?? 'failed');
    found.set(id.toString(), { state, error: relayed?.error ?? null, names });
  }

  const named = [...found.values()].flatMap(({ names }) => names ?? []);
  const rows =
    named.length === 0
      ? []
      : await db
          .select()
          .from(contribution)
          .where(
            or(
              ...named.map(({ datanetId, contentHash }) =>
                and(eq(contribution.contentHash, contentHash), eq(contribution.datanetId, datanetId)),
              ),
            ),
          );
  return new Map(
    keys.flatMap((key) => {
      const one = found.get(key);
      if (one === undefined) return [];
      const { state, error, names } = one;
      const row = rows.find((each) => names !== null && isNamed(each, names)) ?? null;
      const settled = state === 'failed' || state === 'refused';
      const final = settled || (row !== null && state === 'final' && isFinal(feed, chainId, row));
      return [[key, { contribution: row, state, error, final } satisfies ContributionState]];
    }),
  );
}

type Names = { readonly datanetId: bigint; readonly contentHash: Hex; readonly contributor: Hex };

function isNamed(row: Row<'contribution'>, { datanetId, contentHash, contributor }: Names): boolean {
  return row.datanetId === datanetId && row.contentHash === contentHash && row.contributor === contributor;
}

function findSubmitted({ db }: Connection, ids: readonly bigint[]) {
  const { id, datanetId, contentHash, contributor, relayKey } = submission;
  const { outcome, resolution } = intakeVerdict;
  return db
    .select({ id, datanetId, contentHash, contributor, relayKey, outcome, resolution })
    .from(submission)
    .innerJoin(intakeVerdict, eq(intakeVerdict.id, submission.verdictId))
    .where(inArray(submission.id, [...ids]));
}
