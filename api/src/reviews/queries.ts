import { resolveCursorConnection } from '@pothos/plugin-relay';
import { badInput } from '../errors.ts';
import { requireAccount } from '../identity/require-account.ts';
import { builder, DEFAULT_PAGE } from '../schema/builder.ts';
import { checkPageSize } from '../submissions/page.ts';
import { findReviews, type OwnReview } from './own.ts';
import { type ReviewTask, reviewQueue } from './queue.ts';
import { OwnReviewConnection, OwnReviewType, ReviewTaskConnection, ReviewTaskType } from './types.ts';

function cursorOf(place: string, cursor: string | undefined): bigint | undefined {
  if (cursor === undefined || /^\d{1,78}$/.test(cursor)) return cursor === undefined ? undefined : BigInt(cursor);
  throw badInput(`${place}: that is no cursor of this list: take it from edges.cursor or pageInfo.`);
}

builder.queryField('reviewQueue', (t) =>
  t.connection(
    {
      type: ReviewTaskType,
      description: 'Contributions that the validator that asks can review now, with their contents, oldest first.',
      complexity: ({ first, last }) => ({ field: 10, multiplier: first ?? last ?? DEFAULT_PAGE }),
      resolve: (_root, args, context) => {
        const validator = requireAccount(context, 'review');
        const place = 'reviewQueue';
        checkPageSize(place, args);
        return resolveCursorConnection<Promise<ReviewTask[]>>(
          { args, defaultSize: DEFAULT_PAGE, maxSize: 100, toCursor: ({ id }) => `${id}` },
          ({ before, after, limit, inverted }) =>
            reviewQueue(context, validator, {
              ...{ after: cursorOf(place, after), before: cursorOf(place, before), limit, descending: inverted },
            }),
        );
      },
    },
    ReviewTaskConnection,
  ),
);

builder.queryField('ownReviews', (t) =>
  t.connection(
    {
      type: OwnReviewType,
      description: 'Reviews that the account gave, those of the newest contributions first.',
      complexity: ({ first, last }) => ({ field: 5, multiplier: first ?? last ?? DEFAULT_PAGE }),
      resolve: (_root, args, context) => {
        const validator = requireAccount(context, 'review');
        const place = 'ownReviews';
        checkPageSize(place, args);
        return resolveCursorConnection<Promise<OwnReview[]>>(
          { args, defaultSize: DEFAULT_PAGE, maxSize: 100, toCursor: ({ contributionId }) => `${contributionId}` },
          ({ before, after, limit, inverted }) =>
            findReviews(context, validator, {
              ...{ after: cursorOf(place, before), before: cursorOf(place, after), limit, descending: !inverted },
            }),
        );
      },
    },
    OwnReviewConnection,
  ),
);
