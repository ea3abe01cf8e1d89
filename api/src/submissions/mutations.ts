import type { Hex } from '@openledger/db/chain';
import type { ApiContext } from '../context.ts';
import { badInput, userError } from '../errors.ts';
import { write } from '../guard/writes.ts';
import { requireAccount } from '../identity/require-account.ts';
import { PreparedTransactionType } from '../prepared/types.ts';
import { builder } from '../schema/builder.ts';
import { ContentInputType } from './body.ts';
import { type Erased, eraseContent } from './erase.ts';
import { resolveSubmission } from './resolve.ts';
import { findSubmissions, type SubmissionRow } from './rows.ts';
import { submitContribution } from './submit.ts';
import { SubmissionType, SubmitPayload } from './types.ts';

const SubmitInput = builder.inputType('SubmitContributionInput', {
  description:
    'A contribution of the account that asks. Signed: with signature, deadline and rows as contributionIntent gave them. Or unsigned, when the account authorised the relayer.',
  fields: (t) => ({
    datanetId: t.field({ type: 'BigInt', required: true, description: 'The datanet’s number on chain.' }),
    content: t.field({ type: ContentInputType, required: true, description: 'What is contributed.' }),
    license: t.string({ required: true, description: 'Its licence, an SPDX expression such as CC-BY-4.0.' }),
    rows: t.field({ type: 'BigInt', description: 'The rows that were signed.' }),
    deadline: t.field({ type: 'DateTime', description: 'Until when the signature is good.' }),
    signature: t.field({
      type: 'Hex',
      description:
        'The contributor’s signature of the typed data: by its key, or as its contract wallet takes it (ERC-1271).',
    }),
  }),
});

export async function submissionById(context: ApiContext, id: bigint): Promise<SubmissionRow> {
  const [row] = await findSubmissions(context, { id, limit: 1 });
  if (row === undefined) throw userError('NOT_FOUND', `There is no submission ${id}.`);
  return row;
}

builder.mutationField('submitContribution', (t) =>
  t.field({
    type: SubmitPayload,
    description:
      'Gives a content to a datanet: intake judges it, and what it takes goes on chain through the relayer. Needs a session, or a key with CONTRIBUTE.',
    args: { input: t.arg({ type: SubmitInput, required: true, description: 'What, where, and under which licence.' }) },
    complexity: 100,
    extensions: write<{ input: { datanetId: bigint } }, { submission: SubmissionRow }>({
      scope: 'contribute',
      subject: ({ input }, result) => (result ? `Submission:${result.submission.id}` : `Datanet:${input.datanetId}`),
    }),
    resolve: async (_root, { input }, context) => {
      const { id, repeated } = await submitContribution(context, requireAccount(context, 'contribute'), input);
      return { submission: await submissionById(context, id), repeated };
    },
  }),
);

const Resolution = builder.enumType('SubmissionResolution', {
  description: 'What the datanet’s owner decides about a submission that was held.',
  values: {
    ACCEPT: { value: 'accept' as const, description: 'It goes on chain, to be reviewed there as any other.' },
    REFUSE: { value: 'refuse' as const, description: 'It does not, and its content is erased.' },
  },
});

/** An id of a submission. @throws BAD_USER_INPUT */
export function submissionIdOf(id: string): bigint {
  if (/^\d{1,18}$/.test(id)) return BigInt(id);
  throw badInput(`id is ${JSON.stringify(id.slice(0, 40))}: expected a submission’s id, as submissions gives them.`);
}

builder.mutationField('resolveSubmission', (t) =>
  t.field({
    type: SubmissionType,
    description:
      'Decides about a submission that was held; for the datanet’s owner. Needs a session, or a key with ADMIN.',
    args: {
      id: t.arg.id({ required: true, description: 'The submission.' }),
      resolution: t.arg({ type: Resolution, required: true, description: 'The decision.' }),
    },
    complexity: 50,
    extensions: write<{ id: string }>({ scope: 'admin', subject: ({ id }) => `Submission:${id}` }),
    resolve: async (_root, { id, resolution }, context) => {
      const number = submissionIdOf(id);
      await resolveSubmission(context, requireAccount(context, 'admin'), number, resolution);
      return submissionById(context, number);
    },
  }),
);

const ErasedType = builder.objectRef<Erased>('EraseContentPayload').implement({
  description: 'What was erased, and what is still on chain of it.',
  fields: (t) => ({
    contentHash: t.expose('contentHash', { type: 'Bytes32', description: 'The content.' }),
    erased: t.exposeBoolean('erased', {
      description: 'Whether its body is gone; false when somebody else contributed the same, whose it is to erase.',
    }),
    withdrawing: t.field({
      type: ['BigInt'],
      description: 'Contributions with it that the relayer takes back now.',
      resolve: ({ withdrawing }) => [...withdrawing],
    }),
    remaining: t.field({
      type: [PreparedTransactionType],
      description: 'Transactions for the account to send, which take back the others; warnings say which have to wait.',
      resolve: ({ remaining }) => [...remaining],
    }),
  }),
});

builder.mutationField('eraseContent', (t) =>
  t.field({
    type: ErasedType,
    description:
      'Erases the body of one’s own content for good, and takes its contributions back where the chain allows. Its hash stays on chain. Needs a session, or a key with CONTRIBUTE.',
    args: { contentHash: t.arg({ type: 'Bytes32', required: true, description: 'The content.' }) },
    complexity: 50,
    extensions: write<{ contentHash: Hex }>({
      scope: 'contribute',
      subject: ({ contentHash }) => `Content:${contentHash}`,
    }),
    resolve: (_root, { contentHash }, context) =>
      eraseContent(context, requireAccount(context, 'contribute'), contentHash),
  }),
);
