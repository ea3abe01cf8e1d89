import { relay, relayTransaction } from '@openledger/db/app';
import { createContextCache } from '@pothos/core';
import DataLoader from 'dataloader';
import { and, desc, eq, inArray } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import { requireAccount } from '../identity/require-account.ts';
import { unixSeconds } from '../identity/types.ts';
import { RelayState } from '../live/types.ts';
import type { RelayRow } from '../relay/index.ts';
import { builder } from '../schema/builder.ts';

/** An action that the relayer does for an account, without what is in it: a score must not be seen before its time. */
export type RelayAction = Pick<
  RelayRow,
  'idempotencyKey' | 'action' | 'state' | 'error' | 'transactionId' | 'createdAt' | 'updatedAt'
>;

const transactionLoader = createContextCache(
  ({ app }: ApiContext) =>
    new DataLoader(async (ids: readonly string[]) => {
      const { id, hash } = relayTransaction;
      const found = await app.db
        .select({ id, hash })
        .from(relayTransaction)
        .where(inArray(id, [...ids]));
      return ids.map((wanted) => found.find((one) => one.id === wanted)?.hash ?? null);
    }),
);

export const RelayActionType = builder.objectRef<RelayAction>('RelayAction').implement({
  description: 'Something the relayer does on chain for an account.',
  fields: (t) => ({
    key: t.exposeString('idempotencyKey', { description: 'What the relayer knows it by.' }),
    action: t.exposeString('action', { description: 'The function of DatanetRegistry that it calls.' }),
    state: t.field({ type: RelayState, description: 'Where it stands.', resolve: ({ state }) => state }),
    error: t.exposeString('error', { nullable: true, description: 'Why it failed; null when it did not.' }),
    transactionHash: t.field({
      type: 'Bytes32',
      nullable: true,
      description: 'Its transaction; null until it was sent.',
      resolve: ({ transactionId }, _args, context) =>
        transactionId === null ? null : transactionLoader(context).load(transactionId),
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When it was asked for.',
      resolve: ({ createdAt }) => unixSeconds(createdAt),
    }),
    updatedAt: t.field({
      type: 'DateTime',
      description: 'When its state last changed.',
      resolve: ({ updatedAt }) => unixSeconds(updatedAt),
    }),
  }),
});

builder.queryField('relayActions', (t) =>
  t.field({
    type: [RelayActionType],
    description: 'What the relayer does for the account that asks, newest first.',
    args: {
      first: t.arg.int({ description: 'How many, 100 at most; 20 when left out.' }),
      keys: t.arg.stringList({ description: 'Those with these keys; any when left out.' }),
    },
    complexity: ({ first }) => ({ field: 5, multiplier: first ?? 20 }),
    resolve: (_root, { first, keys }, context) => {
      const account = requireAccount(context, 'read');
      return context.app.db
        .select()
        .from(relay)
        .where(
          and(
            eq(relay.genesisHash, context.genesisHash),
            eq(relay.account, account),
            keys ? inArray(relay.idempotencyKey, keys.slice(0, 100)) : undefined,
          ),
        )
        .orderBy(desc(relay.createdAt), desc(relay.position))
        .limit(Math.min(Math.max(first ?? 20, 0), 100));
    },
  }),
);
