import { relay, submission } from '@openledger/db/app';
import { activity, chainTables } from '@openledger/db/chain';
import { and, eq, relationsFilterToSQL, type SQL, sql } from 'drizzle-orm';
import { badInput, userError } from '../errors.ts';
import { SUBSCRIPTION_PRICE } from '../guard/admission.ts';
import { callerOf } from '../identity/caller.ts';
import { requireAccount } from '../identity/require-account.ts';
import { builder } from '../schema/builder.ts';
import { entityOf } from '../schema/entity.ts';
import { type FilterInput, whereOf } from '../schema/filters.ts';
import type { Event } from './chain-window.ts';
import { matches } from './matches.ts';
import type { Finality } from './messages.ts';
import type { StreamContext } from './sse.ts';
import { isSubmissionId } from './states.ts';
import { streamEvents, type Told } from './stream.ts';
import {
  AccountRewardsMessage,
  ActivityMessage,
  ContributionStatusMessage,
  FinalityEnum,
  InferenceMessage,
} from './types.ts';

builder.subscriptionType({
  description:
    'What happens from now on, or since a cursor: over server-sent events, one connection each (GraphQL over SSE, distinct connections mode).',
});

/** What is selected is paid with each message. */
const complexity = { field: SUBSCRIPTION_PRICE, multiplier: 1 };

const afterOptions = {
  description:
    'The cursor of the last message received: everything since is told first. What happens from now on when left out. A browser’s Last-Event-ID header goes before it.',
};

type Choice = { readonly passes: (event: Event) => boolean; readonly where: SQL | undefined };
type StreamArgs = { readonly after?: string | null | undefined; readonly finality?: Finality | null | undefined };

async function* eventsOf(context: StreamContext, args: StreamArgs, choice: Choice): AsyncGenerator<Told, void> {
  const { live, stream } = context;
  const close = await live.feed.open();
  try {
    yield* streamEvents({
      feed: live.feed,
      finality: args.finality ?? 'LATEST',
      after: stream.lastEventId ?? args.after ?? null,
      ...choice,
      signal: stream.signal,
      onOverflow: stream.overflow,
    });
  } finally {
    close();
  }
}

/** Keeps the feed open around a stream of states. */
async function* statesOf<T>({ live }: StreamContext, follow: () => AsyncGenerator<T, void>): AsyncGenerator<T, void> {
  const close = await live.feed.open();
  try {
    yield* follow();
  } finally {
    close();
  }
}

builder.subscriptionField('activity', (t) =>
  t.field({
    type: ActivityMessage,
    description: 'Every event that passes the filter, as it happens.',
    args: {
      filter: t.arg({ type: entityOf('activity').filter, description: 'Which events; all of them when left out.' }),
      after: t.arg.string(afterOptions),
      finality: t.arg({ type: FinalityEnum, defaultValue: 'LATEST', description: 'When an event is told.' }),
    },
    complexity,
    subscribe: (_root, args, context) => eventsOf(context as StreamContext, args, choiceOf(args.filter)),
    resolve: (message) => message,
  }),
);

/** @throws BAD_USER_INPUT naming the field of a filter that cannot be. */
export function choiceOf(filter: FilterInput | null | undefined): Choice {
  if (!filter) return { passes: () => true, where: undefined };
  const { columns } = entityOf('activity');
  const where = whereOf(filter, columns, 'activity: filter');
  return {
    passes: (event) => matches(event, filter, columns),
    where: Object.keys(where).length === 0 ? undefined : relationsFilterToSQL(chainTables.activity, where as never),
  };
}

builder.subscriptionField('newInferences', (t) =>
  t.field({
    type: InferenceMessage,
    description: 'Every answer that is settled, as it happens.',
    args: {
      modelId: t.arg({ type: 'BigInt', description: 'Only answers of this model.' }),
      after: t.arg.string(afterOptions),
      finality: t.arg({ type: FinalityEnum, defaultValue: 'LATEST', description: 'When an answer is told.' }),
    },
    complexity,
    subscribe: (_root, args, context) => {
      const modelId = args.modelId?.toString();
      return eventsOf(context as StreamContext, args, {
        passes: ({ event, args: held }) =>
          event === 'InferenceSettled' && (modelId === undefined || held.modelId === modelId),
        where: and(
          eq(activity.event, 'InferenceSettled'),
          modelId === undefined ? undefined : sql`${activity.args} ->> 'modelId' = ${modelId}`,
        ),
      });
    },
    resolve: (message) => message,
  }),
);

builder.subscriptionField('contributionStatus', (t) =>
  t.field({
    type: ContributionStatusMessage,
    description:
      'Where a contribution stands, now and whenever that changes. States that pass while nobody listens are not told again.',
    args: {
      contributionId: t.arg({ type: 'BigInt', description: 'Its number on chain.' }),
      submission: t.arg.string({
        description:
          'The id of one’s own submission, also before it is on chain, or a key of the relayer’s; needs an account with the scope READ.',
      }),
      after: t.arg.string({ description: 'The cursor of the last state received: only another one is told.' }),
    },
    complexity,
    subscribe: async (_root, { contributionId, submission: key, after }, plain) => {
      const context = plain as StreamContext;
      const { live, stream } = context;
      const since = stream.lastEventId ?? after ?? null;
      if ((contributionId == null) === (key == null)) {
        throw badInput('contributionStatus needs one of contributionId and submission, and not both.');
      }
      if (key == null) {
        return statesOf(context, () => live.contributions.follow(contributionId!.toString(), since, stream.signal));
      }
      await checkOwn(context, key);
      return statesOf(context, () => whileAllowed(context, live.submissions.follow(key, since, stream.signal)));
    },
    resolve: (state) => state,
  }),
);

/** Asks before each message whether who subscribed may still see it. @throws UNAUTHENTICATED, FORBIDDEN once it may not */
async function* whileAllowed<T>(context: StreamContext, states: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
  const account = requireAccount(context, 'read');
  for await (const state of states) {
    const caller = await callerOf(context.app, context.request.headers);
    if (requireAccount({ caller }, 'read') !== account) throw userError('UNAUTHENTICATED', 'The session has ended.');
    yield state;
  }
}

/** @throws NOT_FOUND for what is not there and for what is another's, which nobody learns apart */
async function checkOwn(context: StreamContext, key: string): Promise<void> {
  const account = requireAccount(context, 'read');
  const { app, genesisHash } = context;
  const own = isSubmissionId(key)
    ? and(eq(submission.id, BigInt(key)), eq(submission.contributor, account), eq(submission.genesisHash, genesisHash))
    : undefined;
  const relayed = and(eq(relay.idempotencyKey, key), eq(relay.account, account), eq(relay.genesisHash, genesisHash));
  const found = own === undefined ? await app.db.$count(relay, relayed) : await app.db.$count(submission, own);
  if (found === 0) throw userError('NOT_FOUND', 'This account has no submission with this id.');
}

builder.subscriptionField('accountRewards', (t) =>
  t.field({
    type: AccountRewardsMessage,
    description:
      'What an account earned and claimed, now and whenever that changes; less again where the chain takes something back.',
    args: {
      account: t.arg({ type: 'Address', required: true, description: 'The account.' }),
      after: t.arg.string({ description: 'The cursor of the last state received: only another one is told.' }),
    },
    complexity,
    subscribe: (_root, { account, after }, plain) => {
      const context = plain as StreamContext;
      const { live, stream } = context;
      return statesOf(context, () => live.rewards.follow(account, stream.lastEventId ?? after ?? null, stream.signal));
    },
    resolve: (state) => state,
  }),
);
