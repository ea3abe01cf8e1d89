import { relay } from '@openledger/db/app';
import { eq } from 'drizzle-orm';
import { userError } from '../errors.ts';
import { write } from '../guard/writes.ts';
import { requireAccount } from '../identity/require-account.ts';
import { enqueue, RelayConflictError, relayKey } from '../relay/index.ts';
import { RelayActionType } from '../relayed/action.ts';
import { builder } from '../schema/builder.ts';
import { contributionOnChain, PENDING } from './on-chain.ts';
import { findReviews } from './own.ts';
import { submitReview } from './submit.ts';
import { OwnReviewType } from './types.ts';

const ReviewInput = builder.inputType('SubmitReviewInput', {
  description: 'A validator’s judgement of a contribution, kept from everybody until it is revealed.',
  fields: (t) => ({
    contributionId: t.field({ type: 'BigInt', required: true, description: 'The contribution’s number on chain.' }),
    score: t.field({ type: 'BigInt', required: true, description: 'From 0 to 1e18, which is a full score.' }),
    notes: t.string({
      required: true,
      description: 'Why: at most 10,000 characters. Public once the score is revealed.',
    }),
  }),
});

builder.mutationField('submitReview', (t) =>
  t.field({
    type: OwnReviewType,
    description:
      'Commits to a score, blind, through the relayer, which reveals it when its time comes. Cannot be changed. Needs a session, or a key with REVIEW.',
    args: {
      input: t.arg({ type: ReviewInput, required: true, description: 'Which contribution, and the judgement.' }),
    },
    complexity: 50,
    extensions: write<{ input: { contributionId: bigint } }>({
      scope: 'review',
      subject: ({ input }) => `Contribution:${input.contributionId}`,
    }),
    resolve: async (_root, { input }, context) => {
      const validator = requireAccount(context, 'review');
      await submitReview(context, validator, input);
      const after = input.contributionId - 1n;
      const [given] = await findReviews(context, validator, { after, limit: 1, descending: false });
      return given!;
    },
  }),
);

builder.mutationField('finalizeContribution', (t) =>
  t.field({
    type: RelayActionType,
    description:
      'Decides a contribution by the median of its scores, once its whole quorum has revealed; through the relayer. Needs a session, or a key with REVIEW.',
    args: {
      contributionId: t.arg({ type: 'BigInt', required: true, description: 'The contribution’s number on chain.' }),
    },
    complexity: 50,
    extensions: write<{ contributionId: bigint }>({
      scope: 'review',
      subject: ({ contributionId }) => `Contribution:${contributionId}`,
    }),
    resolve: async (_root, { contributionId }, context) => {
      const account = requireAccount(context, 'review');
      const { app, genesisHash, protocol } = context;
      context.relayer();
      const request = { action: 'finalizeContribution', payload: { contributionId }, genesisHash, account } as const;
      // Asked for by two accounts, or twice, it is one action, the first one's.
      const key = relayKey(request);
      const [asked] = await app.db.select().from(relay).where(eq(relay.idempotencyKey, key));
      if (asked !== undefined && asked.state !== 'failed') return asked;
      const { status, quorum, reveals } = await contributionOnChain(protocol, contributionId, 'finalizeContribution');
      if (status !== PENDING) {
        throw userError('CONFLICT', `finalizeContribution: contribution ${contributionId} is decided already.`);
      }
      if (quorum === 0 || reveals < quorum) {
        const why =
          quorum === 0
            ? 'its datanet’s owner decides (prepareDecideContribution)'
            : `${reveals} of ${quorum} scores are revealed`;
        throw userError(
          'CONFLICT',
          `finalizeContribution: contribution ${contributionId} cannot be decided yet: ${why}.`,
        );
      }
      // One that failed was asked for too early: it goes again, under another key.
      const retry = asked && { idempotencyKey: `${asked.idempotencyKey}/${asked.position}` };
      try {
        return (await app.db.transaction((tx) => enqueue(tx, { ...request, ...retry }))).relay;
      } catch (error) {
        if (!(error instanceof RelayConflictError)) throw error;
        throw userError(
          'CONFLICT',
          `finalizeContribution: another account just asked for contribution ${contributionId}.`,
        );
      }
    },
  }),
);
