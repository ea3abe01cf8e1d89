import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '@openledger/db';
import { chatCursor } from '@openledger/db/app';
import { eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Api } from '../core/api/client.ts';
import { dateOf, openOf, shortened } from '../core/format.ts';
import { textsFor } from '../core/texts/index.ts';
import { lookAtRolesOf } from '../state/roles.ts';
import { type Alert, writeAlert } from './alert.ts';

const events = [
  'AttributionBatchFinalized',
  'ContributionAccepted',
  'ContributionRejected',
  'ProposalCreated',
] as const;

const told = z.object({
  activity: z.object({
    cursor: z.string(),
    event: z
      .object({
        eventId: z.string(),
        event: z.string(),
        subjectId: z.string(),
        args: z.record(z.string(), z.unknown()),
      })
      .nullable(),
  }),
});
type Event = NonNullable<z.output<typeof told>['activity']['event']>;

const attributions = z.object({
  attributions: z.object({
    nodes: z.array(z.object({ contributorAddress: z.string(), amount: z.string().transform(BigInt) })),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
});
const proposal = z.object({
  proposals: z.object({ nodes: z.array(z.object({ description: z.string(), voteEnd: z.string() })) }),
});

export type WatchOptions = {
  readonly db: Database;
  readonly api: Api;
  readonly onTrouble: (error: unknown) => void;
  /** Told when there is something to send. */
  readonly onAlert: () => void;
};

/** Follows what is final on chain, and writes what people asked to be told of into the outbox: each thing once, whatever happens. */
export const watchForAlerts = ({
  db,
  api,
  onTrouble,
  onAlert,
}: WatchOptions): { readonly stop: () => Promise<void> } => {
  const stopping = new AbortController();
  const { signal } = stopping;

  const tell = async (event: Event, cursor: string): Promise<void> => {
    const alerts = await alertsOf(event);
    await db.transaction(async (transaction) => {
      for (const alert of alerts) await writeAlert(transaction, event.eventId, alert);
      const accounts = alerts.flatMap(({ to }) => (typeof to === 'object' && 'account' in to ? [to.account] : []));
      await lookAtRolesOf(transaction, accounts);
      await transaction
        .insert(chatCursor)
        .values({ name: 'activity', cursor })
        .onConflictDoUpdate({ target: chatCursor.name, set: { cursor, updatedAt: sql`now()` } });
    });
    if (alerts.length > 0) onAlert();
  };

  const alertsOf = async ({ event, subjectId, args }: Event): Promise<readonly Alert[]> => {
    switch (event) {
      case 'ContributionAccepted':
      case 'ContributionRejected': {
        const state = event === 'ContributionAccepted' ? 'ACCEPTED' : 'REJECTED';
        const account = typeof args.contributor === 'string' ? args.contributor.toLowerCase() : undefined;
        if (account === undefined) return [];
        const judged = (locale: string, here: boolean): string => {
          const { alerts, contributions } = textsFor(locale).commands;
          return (here ? alerts.judgedHere : alerts.judged)(subjectId, contributions.states[state]);
        };
        return [
          { topic: 'contributions', to: { account }, say: (locale) => judged(locale, false) },
          { topic: 'contributions', to: 'places', say: (locale) => judged(locale, true) },
        ];
      }
      case 'AttributionBatchFinalized': {
        const earned = [...(await earnedIn(subjectId))];
        if (earned.length === 0) return [];
        const all = earned.reduce((sum, [, amount]) => sum + amount, 0n);
        const inWords = (locale: string, amount: bigint): string => openOf(amount, textsFor(locale));
        return [
          ...earned.map(
            ([account, amount]): Alert => ({
              topic: 'rewards',
              to: { account },
              say: (locale) => textsFor(locale).commands.alerts.reward(inWords(locale, amount)),
            }),
          ),
          {
            topic: 'rewards',
            to: 'places',
            say: (locale) => textsFor(locale).commands.alerts.rewardHere(inWords(locale, all), earned.length),
          },
        ];
      }
      case 'ProposalCreated': {
        const { proposals } = await api.ask(
          'query($id: BigInt!) { proposals(first: 1, filter: { proposalId: { eq: $id } }) { nodes { description voteEnd } } }',
          proposal,
          { id: subjectId },
        );
        const [made] = proposals.nodes;
        if (made === undefined) return [];
        return [
          {
            topic: 'governance',
            to: 'everybody',
            say: (locale) => {
              const texts = textsFor(locale);
              const what = shortened(made.description.replace(/^#+\s*/, ''), 120);
              return texts.commands.alerts.voteBegins(what, dateOf(made.voteEnd, texts));
            },
          },
        ];
      }
      default:
        return [];
    }
  };
  /** What each account earned in a batch: one alert for all of its answers. */
  const earnedIn = async (batchId: string): Promise<ReadonlyMap<string, bigint>> => {
    const sums = new Map<string, bigint>();
    for (let after: string | null = null; ; ) {
      const { attributions: page }: z.output<typeof attributions> = await api.ask(
        `query($batchId: BigInt!, $after: String) {
          attributions(first: 100, after: $after, filter: { batchId: { eq: $batchId } }) {
            nodes { contributorAddress amount }
            pageInfo { hasNextPage endCursor }
          }
        }`,
        attributions,
        { batchId, after },
      );
      for (const { contributorAddress, amount } of page.nodes) {
        const account = contributorAddress.toLowerCase();
        sums.set(account, (sums.get(account) ?? 0n) + amount);
      }
      if (!page.pageInfo.hasNextPage) return sums;
      after = page.pageInfo.endCursor;
    }
  };

  const follow = async (): Promise<void> => {
    const [known] = await db
      .select({ cursor: chatCursor.cursor })
      .from(chatCursor)
      .where(eq(chatCursor.name, 'activity'));
    const stream = api.follow(
      `subscription($after: String, $filter: ActivityFilter) {
        activity(after: $after, filter: $filter, finality: FINAL) { cursor event { eventId event subjectId args } }
      }`,
      told,
      { after: known?.cursor ?? null, filter: { event: { in: events } } },
      { signal },
    );
    for await (const { activity } of stream) if (activity.event !== null) await tell(activity.event, activity.cursor);
  };
  const run = async (): Promise<void> => {
    for (let failures = 0; !signal.aborted; ) {
      try {
        await follow();
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        if (failures++ === 0) onTrouble(error);
      }
      await sleep(Math.min(30_000, 500 * 2 ** failures), undefined, { signal }).catch(() => {});
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
};
