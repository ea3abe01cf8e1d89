import { InferenceReceipt } from '../inference/receipt.ts';
import { workersOnChain } from '../models/serving-rows.ts';
import { secondsOf } from '../schema/app-rows.ts';
import { builder } from '../schema/builder.ts';
import { entityOf } from '../schema/entity.ts';
import type { ExplainedAnswer, State } from './answer.ts';
import { type Earned, earnedOf } from './earned.ts';
import { EvidenceKindType, enumValues } from './kinds.ts';
import { evidenceOf, MOST_EVIDENCE, MOST_SENTENCES, type Part, type PartEvidence, sentencesOf } from './parts.ts';

const ExplanationState = builder.enumType('ExplanationState', {
  description: 'How sure it is what an answer drew on, and what that earned.',
  values: enumValues<State>({
    none: 'It is not attributed: nothing is paid for it, its model has none, or its worker keeps that elsewhere.',
    waiting: 'Its worker has yet to work it out.',
    estimated: 'Its worker signed what it drew on; nothing of it is on chain, amounts are what it would come to.',
    posted: 'On chain, where it can be challenged.',
    final: 'On chain for good: it pays.',
  }),
});

const PartEvidenceType = builder.objectRef<PartEvidence>('PartEvidence').implement({
  description: 'That a part of an answer drew on a contribution.',
  fields: (t) => ({
    kind: t.expose('kind', { type: EvidenceKindType, description: 'How that shows.' }),
    weightPpm: t.exposeInt('weightPpm', {
      description: 'How much of all evidence of this kind in this part it is: parts per million, rounded down.',
    }),
    contributionId: t.expose('contributionId', { type: 'BigInt', description: 'The contribution’s number on chain.' }),
    contribution: t.field({
      type: entityOf('contribution').ref,
      description: 'The contribution.',
      resolve: ({ contributionId }) => ({ id: contributionId }) as never,
    }),
  }),
});

const evidenceList = {
  type: [PartEvidenceType] as [typeof PartEvidenceType],
  complexity: { field: 2, multiplier: 10 },
};

type Sentence = Part & { readonly text: string | null };

const AnswerSentence = builder.objectRef<Sentence>('AnswerSentence').implement({
  description: 'A sentence of an answer, by where it lies, and what it drew on.',
  fields: (t) => ({
    place: t.exposeInt('place', { description: 'Which sentence it is, from 1.' }),
    from: t.exposeInt('from', {
      description:
        'Where it begins in the answer’s text, in UTF-16 code units as JavaScript counts; of several choices, in their texts one after another.',
    }),
    until: t.exposeInt('until', { description: 'Where it ends: after its last unit.' }),
    text: t.exposeString('text', {
      nullable: true,
      description: 'What it says; null unless the answer’s texts were given.',
    }),
    evidence: t.field({
      ...evidenceList,
      description: `What it drew on: of each kind the ${MOST_EVIDENCE} contributions with most, the most first.`,
      resolve: async (part, _args, context) => [...(await evidenceOf(context).load(part))],
    }),
  }),
});

type OneKind = Earned['kinds'][number];

const ContributionEvidence = builder.objectRef<OneKind>('ContributionEvidence').implement({
  description: 'What one kind of evidence says of a contribution, for a whole answer.',
  fields: (t) => ({
    kind: t.expose('kind', { type: EvidenceKindType, description: 'How it shows.' }),
    score: t.expose('score', {
      type: 'BigInt',
      description:
        'Above what chance gives: millionths of a whitened cosine for influence, millionths of a nat for passages.',
    }),
    weightPpm: t.exposeInt('weightPpm', {
      description: 'How much of all such scores of the answer it is: parts per million, rounded down.',
    }),
  }),
});

const AnswerContribution = builder.objectRef<Earned>('AnswerContribution').implement({
  description: 'A contribution behind an answer: why, and what it earned.',
  fields: (t) => ({
    contributionId: t.expose('contributionId', { type: 'BigInt', description: 'Its number on chain.' }),
    contribution: t.field({
      type: entityOf('contribution').ref,
      description: 'The contribution.',
      resolve: ({ contributionId }) => ({ id: contributionId }) as never,
    }),
    sharePpm: t.exposeInt('sharePpm', {
      description: 'Its share of the contributors’ part of the fee: parts per million.',
    }),
    amount: t.expose('amount', {
      type: 'BigInt',
      description: 'Wei of OPEN that it earned; while the state is ESTIMATED, what it would come to.',
    }),
    evidence: t.field({
      type: [ContributionEvidence],
      description: 'Why: what each kind of evidence says of it. Empty where the receipt is kept elsewhere.',
      resolve: ({ kinds }) => [...kinds],
    }),
  }),
});

const AttributionWait = builder.objectRef<NonNullable<ExplainedAnswer['waiting']>>('AttributionWait').implement({
  description: 'An answer that its worker has yet to attribute.',
  fields: (t) => ({
    since: t.field({ type: 'DateTime', description: 'Since when.', resolve: ({ createdAt }) => secondsOf(createdAt) }),
    attempts: t.exposeInt('attempts', { description: 'How often it was tried.' }),
    reason: t.exposeString('error', {
      nullable: true,
      description:
        'Why it could not be done, such as a version without an attribution card; null while it waits its turn.',
    }),
  }),
});

/** An answer that somebody may see, and its text where they gave it. */
export type Shown = ExplainedAnswer & { readonly text: string | null };

export const AnswerExplanation = builder.objectRef<Shown>('AnswerExplanation').implement({
  description:
    'What an answer drew on: sentence by sentence, which contributions, why, and what each earned. What was asked and answered is never kept: only hashes and places are.',
  fields: (t) => ({
    requestId: t.expose('requestId', { type: 'Bytes32', description: 'The id of the request.' }),
    state: t.expose('state', { type: ExplanationState, description: 'How sure this is.' }),
    modelId: t.expose('modelId', {
      type: 'BigInt',
      description: 'The model’s number on chain; 0 for the base alone, which nobody contributed to here.',
    }),
    version: t.exposeInt('version', { description: 'The version that answered; 0 for the base alone.' }),
    modelVersion: t.field({
      type: entityOf('modelVersion').ref,
      nullable: true,
      description: 'The version that answered; null for the base alone.',
      resolve: ({ modelId, version }) => (modelId === 0n ? null : ({ modelId, version } as never)),
    }),
    workerAddress: t.expose('worker', { type: 'Address', description: 'Who answered.' }),
    worker: t.field({
      type: entityOf('worker').ref,
      nullable: true,
      description: 'Who answered; null while it is not on chain.',
      resolve: ({ worker }, _args, context) => workersOnChain(context).load(worker) as never,
    }),
    outputHash: t.expose('outputHash', {
      type: 'Bytes32',
      nullable: true,
      description: 'keccak256 of the answer; null for one that broke off before it said anything.',
    }),
    answeredAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was answered; null where its worker keeps its records elsewhere.',
      resolve: ({ answeredAt }) => secondsOf(answeredAt),
    }),
    fee: t.expose('fee', { type: 'BigInt', description: 'Wei of OPEN paid or due for it.' }),
    contributorsFee: t.expose('contributorsFee', {
      type: 'BigInt',
      description: 'The contributors’ part of the fee; until it is settled, what the split in force makes of it.',
    }),
    unattributed: t.field({
      type: 'BigInt',
      nullable: true,
      description:
        'Wei of OPEN of that part which no evidence supports: they are nobody’s, and go to the treasury. Null until there is a receipt.',
      resolve: ({ unattributed, receipt, contributorsFee }) =>
        unattributed ??
        (receipt &&
          contributorsFee - sum(receipt.said.shares.map(({ ppm }) => (contributorsFee * BigInt(ppm)) / 1_000_000n))),
    }),
    inference: t.field({
      type: entityOf('inference').ref,
      nullable: true,
      description: 'The answer on chain; null until it is settled.',
      resolve: ({ isSettled, requestId }) => (isSettled ? ({ requestId } as never) : null),
    }),
    receipt: t.field({
      type: InferenceReceipt,
      nullable: true,
      description: 'What its worker signed; null until then, and where it is kept elsewhere.',
      resolve: ({ requestId, receipt, batchId }) => receipt && { requestId, batchId, ...receipt },
    }),
    waiting: t.field({
      type: AttributionWait,
      nullable: true,
      description: 'What it waits for, while the state is WAITING.',
      resolve: ({ waiting, state }) => (state === 'waiting' ? waiting : null),
    }),
    evidence: t.field({
      ...evidenceList,
      description: `What the answer as a whole drew on: of each kind the ${MOST_EVIDENCE} contributions with most, the most first.`,
      resolve: async ({ requestId }, _args, context) => [...(await evidenceOf(context).load({ requestId, place: 0 }))],
    }),
    sentences: t.field({
      type: [AnswerSentence],
      description: `Its sentences in order, at most ${MOST_SENTENCES}, and what each drew on. None until there is a receipt.`,
      complexity: { field: 5, multiplier: 20 },
      args: {
        after: t.arg.int({
          description: 'Only those after this place, for answers of more sentences.',
          defaultValue: 0,
        }),
      },
      resolve: async ({ requestId, text }, { after }, context) => {
        const all = await sentencesOf(context).load(requestId);
        const some = all.filter(({ place }) => place > (after ?? 0)).slice(0, MOST_SENTENCES);
        return some.map((part) => ({ ...part, text: text?.slice(part.from, part.until) ?? null }));
      },
    }),
    contributions: t.field({
      type: [AnswerContribution],
      description: 'The contributions that share in its fee, the largest share first: 64 at most.',
      complexity: { field: 5, multiplier: 10 },
      resolve: async (answer, _args, context) => [...(await earnedOf(context, answer))],
    }),
  }),
});

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((all, amount) => all + amount, 0n);
}
