import { resolveCursorConnection } from '@pothos/plugin-relay';
import type { ApiContext } from '../context.ts';
import { badInput, userError } from '../errors.ts';
import { requireAccount } from '../identity/require-account.ts';
import { TypedDataType } from '../onchain/typed-data.ts';
import { builder, DEFAULT_PAGE } from '../schema/builder.ts';
import { bodyOf, ContentInputType } from './body.ts';
import { datanetOnChain, type Intent, intentOf } from './contribution.ts';
import { submissionIdOf } from './mutations.ts';
import { checkPageSize } from './page.ts';
import { findSubmissions, type SubmissionFilter, type SubmissionRow } from './rows.ts';
import { SubmissionConnection, SubmissionStateType, SubmissionType } from './types.ts';

const IntentType = builder.objectRef<Intent>('ContributionIntent').implement({
  description: 'What a contributor signs to give a content to a datanet. Then: submitContribution.',
  fields: (t) => ({
    typedData: t.field({
      type: TypedDataType,
      description: 'For the wallet to sign.',
      resolve: ({ typedData }) => typedData,
    }),
    contentHash: t.field({
      type: 'Bytes32',
      description: 'keccak256 of the content.',
      resolve: ({ contribution }) => contribution.contentHash,
    }),
    rows: t.field({
      type: 'BigInt',
      description: 'Rows that were read in it: give them to submitContribution.',
      resolve: ({ contribution }) => contribution.rows,
    }),
    deadline: t.expose('deadline', {
      type: 'DateTime',
      description: 'Until when the signature is good: give it to submitContribution.',
    }),
  }),
});

builder.queryField('contributionIntent', (t) =>
  t.field({
    type: IntentType,
    description: 'The exact message to sign for a contribution of the account that asks. Stores nothing.',
    args: {
      datanetId: t.arg({ type: 'BigInt', required: true, description: 'The datanet’s number on chain.' }),
      content: t.arg({ type: ContentInputType, required: true, description: 'What is contributed.' }),
      license: t.arg.string({ required: true, description: 'Its licence, an SPDX expression.' }),
      deadline: t.arg({ type: 'DateTime', description: 'Until when the signature is good; an hour when left out.' }),
    },
    complexity: 50,
    resolve: async (_root, { datanetId, content, license, deadline }, context) => {
      const account = requireAccount(context, 'contribute');
      const body = await bodyOf(context, account, content, 'contributionIntent');
      return intentOf(context, account, {
        ...{ datanetId, content: body, license: license.trim(), deadline: deadline ?? undefined },
      });
    },
  }),
);

builder.queryField('submission', (t) =>
  t.field({
    type: SubmissionType,
    nullable: true,
    description: 'One of the account’s submissions; null when it has none by that id.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    complexity: 5,
    resolve: async (_root, { id }, context) => {
      const contributor = requireAccount(context, 'read');
      const [row] = await findSubmissions(context, { id: submissionIdOf(id), contributor, limit: 1 });
      return row ?? null;
    },
  }),
);

type PageArgs = {
  readonly first?: number | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
  readonly after?: string | null | undefined;
};

/** A page of submissions, newest first. */
function pageOf(place: string, args: PageArgs, context: ApiContext, filter: Omit<SubmissionFilter, 'limit'>) {
  checkPageSize(place, args);
  return resolveCursorConnection<Promise<SubmissionRow[]>>(
    { args, defaultSize: DEFAULT_PAGE, maxSize: 100, toCursor: ({ id }) => `${id}` },
    ({ before, after, limit, inverted }) =>
      findSubmissions(context, {
        ...filter,
        // Newest first: what comes after a row has a smaller id.
        before: after === undefined ? undefined : cursorOf(place, after),
        after: before === undefined ? undefined : cursorOf(place, before),
        limit,
        ascending: inverted,
      }),
  );
}

function cursorOf(place: string, cursor: string): bigint {
  if (/^\d{1,18}$/.test(cursor)) return BigInt(cursor);
  throw badInput(`${place}: that is no cursor of this list: take it from edges.cursor or pageInfo.`);
}

builder.queryField('submissions', (t) =>
  t.connection(
    {
      type: SubmissionType,
      description: 'The account’s submissions, newest first.',
      args: {
        states: t.arg({ type: [SubmissionStateType], description: 'In which states; in any when left out.' }),
      },
      complexity: ({ first, last }) => ({ field: 5, multiplier: first ?? last ?? DEFAULT_PAGE }),
      resolve: (_root, args, context) => {
        const contributor = requireAccount(context, 'read');
        return pageOf('submissions', args, context, { contributor, ...(args.states && { states: args.states }) });
      },
    },
    SubmissionConnection,
  ),
);

builder.queryField('heldSubmissions', (t) =>
  t.connection(
    {
      type: SubmissionType,
      description: 'Submissions to one’s datanet that wait for a decision, newest first. Then: resolveSubmission.',
      args: { datanetId: t.arg({ type: 'BigInt', required: true, description: 'The datanet’s number on chain.' }) },
      complexity: ({ first, last }) => ({ field: 5, multiplier: first ?? last ?? DEFAULT_PAGE }),
      resolve: async (_root, args, context) => {
        const account = requireAccount(context, 'read');
        const { owner } = await datanetOnChain(context, args.datanetId, 'heldSubmissions');
        if (owner !== account) {
          throw userError('FORBIDDEN', `heldSubmissions: datanet ${args.datanetId} is ${owner}’s, not ${account}’s.`);
        }
        return pageOf('heldSubmissions', args, context, { heldIn: args.datanetId });
      },
    },
    SubmissionConnection,
  ),
);
