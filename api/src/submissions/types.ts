import { getContent } from '@openledger/db';
import type { IntakeFinding } from '@openledger/db/app';
import { createContextCache } from '@pothos/core';
import DataLoader from 'dataloader';
import type { ApiContext } from '../context.ts';
import { unixSeconds } from '../identity/types.ts';
import { builder } from '../schema/builder.ts';
import { entityOf } from '../schema/entity.ts';
import '../contributions/types.ts';
import '../datanets/types.ts';
import { contributionsOf, type SubmissionRow, type SubmissionState } from './rows.ts';

const outcomes = (passes: string) => ({
  ACCEPT: { value: 'accept' as const, description: passes },
  HOLD: { value: 'hold' as const, description: 'A person has to look at it.' },
  REFUSE: { value: 'refuse' as const, description: 'It is refused.' },
});
const IntakeOutcome = builder.enumType('IntakeOutcome', {
  description: 'What intake decides about a submission.',
  values: outcomes('It is taken.'),
});

const says: Readonly<Record<SubmissionState, string>> = {
  refused: 'Intake or the datanet’s owner refused it; findings say why.',
  held: 'Waits for the datanet’s owner, who looks at what intake found.',
  pending: 'Waits for the relayer.',
  submitted: 'Sent to the chain.',
  mined: 'In a block, which may still be taken back.',
  final: 'In a block that will not be taken back.',
  failed: 'The chain refused it; error says why.',
};
export const SubmissionStateType = builder.enumType('SubmissionState', {
  description: 'Where a submission stands.',
  values: Object.fromEntries(
    (Object.keys(says) as SubmissionState[]).map((state) => [
      state.toUpperCase(),
      { value: state, description: says[state] },
    ]),
  ) as Record<string, { value: SubmissionState; description: string }>,
});

const Finding = builder.objectRef<IntakeFinding>('IntakeFinding').implement({
  description: 'One check of a submission, explained to its contributor.',
  fields: (t) => ({
    check: t.exposeString('check', { description: 'Which check, such as near-duplicate or personal-data.' }),
    outcome: t.field({
      type: IntakeOutcome,
      description: 'What it came to.',
      resolve: ({ outcome }) => outcome,
    }),
    explanation: t.exposeString('explanation', { description: 'Why, and what would be right.' }),
  }),
});

const contributionLoader = createContextCache(
  (context: ApiContext) =>
    new DataLoader(async (rows: readonly SubmissionRow[]) => {
      const found = await contributionsOf(context, rows);
      const ids = [...new Set(found.values())];
      const entities = ids.length ? await context.db.query.contribution.findMany({ where: { id: { in: ids } } }) : [];
      return rows.map(({ datanetId, contentHash }) => {
        const id = found.get(`${datanetId} ${contentHash}`);
        return entities.find((entity) => entity.id === id) ?? null;
      });
    }),
);

export const SubmissionType = builder.objectRef<SubmissionRow>('Submission');
SubmissionType.implement({
  description:
    'A contribution on its way to the chain. Only its contributor sees it, and the datanet’s owner while held.',
  fields: (t) => ({
    id: t.id({ description: 'Its number here.', resolve: ({ id }) => id.toString() }),
    datanetId: t.expose('datanetId', { type: 'BigInt', description: 'The datanet’s number on chain.' }),
    contributorAddress: t.expose('contributor', { type: 'Address', description: 'Who gave it.' }),
    contentHash: t.expose('contentHash', { type: 'Bytes32', description: 'keccak256 of its content.' }),
    uri: t.exposeString('uri', { description: 'How the chain points at its content.' }),
    license: t.exposeString('license', { description: 'Its licence, an SPDX expression.' }),
    rowCount: t.expose('rows', { type: 'BigInt', description: 'Rows that were read in it.' }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When it was submitted.',
      resolve: ({ createdAt }) => unixSeconds(createdAt),
    }),
    updatedAt: t.field({
      type: 'DateTime',
      description: 'When its state last changed.',
      resolve: ({ updatedAt }) => unixSeconds(updatedAt),
    }),
    state: t.field({ type: SubmissionStateType, description: 'Where it stands.', resolve: ({ state }) => state }),
    verdict: t.field({
      type: IntakeOutcome,
      description: 'What intake decided, before anybody looked at it.',
      resolve: ({ outcome }) => outcome,
    }),
    findings: t.field({
      type: [Finding],
      description: 'Every check up to the first that refused, in order.',
      resolve: ({ findings }) => [...findings],
    }),
    resolvedBy: t.expose('resolvedBy', {
      type: 'Address',
      nullable: true,
      description: 'Who decided about one that was held; null for others.',
    }),
    error: t.exposeString('error', { nullable: true, description: 'Why the chain refused it; null when it did not.' }),
    relayKey: t.exposeString('relayKey', {
      nullable: true,
      description: 'What the relayer knows it by; null until it was let through.',
    }),
    transactionHash: t.expose('transactionHash', {
      type: 'Bytes32',
      nullable: true,
      description: 'The relayer’s transaction; null until it was sent.',
    }),
    minedBlock: t.expose('minedBlock', {
      type: 'BigInt',
      nullable: true,
      description: 'The block of that transaction; null until it was mined.',
    }),
    contribution: t.field({
      type: entityOf('contribution').ref,
      nullable: true,
      description: 'The contribution it became; null until that is indexed.',
      resolve: (row, _args, context) => contributionLoader(context).load(row) as never,
    }),
    text: t.string({
      nullable: true,
      description: 'The content itself; null once it was erased or refused, and for a file that is no text.',
      complexity: 20,
      resolve: async ({ contentHash }, _args, context) => textOf(await getContent(context.app.db, contentHash)),
    }),
  }),
});

export const SubmissionConnection = builder.connectionObject(
  { type: SubmissionType, name: 'SubmissionConnection', description: 'A page of submissions.' },
  { name: 'SubmissionEdge', description: 'One submission of a page, with its cursor.' },
);

/** A content as text; null when it is none, or gone. */
export function textOf(content: { mediaType: string; body: Uint8Array | null } | undefined): string | null {
  if (!content?.body || content.mediaType === 'application/pdf') return null;
  return new TextDecoder().decode(content.body);
}

export const SubmitPayload = builder
  .objectRef<{ readonly submission: SubmissionRow; readonly repeated: boolean }>('SubmitContributionPayload')
  .implement({
    description: 'What became of a submission.',
    fields: (t) => ({
      submission: t.field({ type: SubmissionType, description: 'It.', resolve: ({ submission }) => submission }),
      repeated: t.exposeBoolean('repeated', {
        description: 'Whether the same was under way already: then nothing was done, and it is that one.',
      }),
    }),
  });
