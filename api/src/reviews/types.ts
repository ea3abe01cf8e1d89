import { getContent } from '@openledger/db';
import { unixSeconds } from '../identity/types.ts';
import { RelayActionType } from '../relayed/action.ts';
import { builder } from '../schema/builder.ts';
import { entityOf } from '../schema/entity.ts';
import { textOf } from '../submissions/types.ts';
import '../contributions/types.ts';
import type { OwnReview } from './own.ts';
import type { ReviewTask } from './queue.ts';

export const ReviewTaskType = builder.objectRef<ReviewTask>('ReviewTask').implement({
  description: 'A contribution that waits for the score of the validator that asks. Then: submitReview.',
  fields: (t) => ({
    contribution: t.field({
      type: entityOf('contribution').ref,
      description: 'The contribution.',
      resolve: (row) => row as never,
    }),
    closesAt: t.expose('closesAt', { type: 'DateTime', description: 'Until when a score can be committed.' }),
    mediaType: t.string({
      nullable: true,
      description: 'What its content is; null when it is not kept here.',
      resolve: async ({ contentHash }, _args, context) =>
        (await getContent(context.app.db, contentHash))?.mediaType ?? null,
    }),
    text: t.string({
      nullable: true,
      description: 'Its content; null when it is not kept here, was erased, or is no text.',
      complexity: 20,
      resolve: async ({ contentHash }, _args, context) => textOf(await getContent(context.app.db, contentHash)),
    }),
  }),
});

export const OwnReviewType = builder.objectRef<OwnReview>('OwnReview').implement({
  description: 'A review that the account gave. Nobody else sees its score and notes before they are revealed.',
  fields: (t) => ({
    contributionId: t.expose('contributionId', { type: 'BigInt', description: 'The contribution’s number on chain.' }),
    commitment: t.expose('commitment', { type: 'Bytes32', description: 'What is on chain of it until then.' }),
    score: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'The score, 1e18 is a full one; null once it is revealed: see the contribution’s scores.',
      resolve: ({ secret }) => secret?.score ?? null,
    }),
    notes: t.string({
      nullable: true,
      description: 'The notes; null once they are revealed.',
      resolve: ({ secret }) => secret?.notes ?? null,
    }),
    commit: t.field({
      type: RelayActionType,
      nullable: true,
      description: 'The relayer’s action that commits to it.',
      resolve: ({ commit }) => commit,
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When it was given.',
      resolve: ({ createdAt }) => unixSeconds(createdAt),
    }),
    revealsFrom: t.field({
      type: 'DateTime',
      description: 'When it is revealed at the latest; earlier, once the quorum has committed.',
      resolve: ({ windowEndsAt }) => unixSeconds(windowEndsAt),
    }),
    revealedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was opened after its score came on chain; null before.',
      resolve: ({ revealedAt }) => revealedAt && unixSeconds(revealedAt),
    }),
  }),
});

export const ReviewTaskConnection = builder.connectionObject(
  { type: ReviewTaskType, name: 'ReviewTaskConnection', description: 'A page of contributions to review.' },
  { name: 'ReviewTaskEdge', description: 'One contribution to review, with its cursor.' },
);

export const OwnReviewConnection = builder.connectionObject(
  { type: OwnReviewType, name: 'OwnReviewConnection', description: 'A page of one’s own reviews.' },
  { name: 'OwnReviewEdge', description: 'One of one’s own reviews, with its cursor.' },
);
