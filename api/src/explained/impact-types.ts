import type { Hex } from '@openledger/db/chain';
import { badInput } from '../errors.ts';
import { builder } from '../schema/builder.ts';
import { entityOf, type FieldsOf } from '../schema/entity.ts';
import { type Day, type Impact, impactOf, type KindOfUse, MOST_PARTS, type Money, type Part } from './impact.ts';
import { EvidenceKindType } from './kinds.ts';

const LONGEST = 90;

const money = {
  estimated: 'Wei of OPEN that receipts which are not on chain yet would come to.',
  posted: 'Wei of OPEN in batches that can still be challenged.',
  final: 'Wei of OPEN in final batches: they are paid.',
} as const;

const ImpactMoney = builder.objectRef<Money>('ImpactMoney').implement({
  description: 'What data earned, by how sure it is.',
  fields: (t) => ({
    estimated: t.expose('estimated', { type: 'BigInt', description: money.estimated }),
    posted: t.expose('posted', { type: 'BigInt', description: money.posted }),
    final: t.expose('final', { type: 'BigInt', description: money.final }),
  }),
});

const ImpactKind = builder.objectRef<KindOfUse>('ImpactKind').implement({
  description: 'How answers show that they drew on data.',
  fields: (t) => ({
    kind: t.expose('kind', { type: EvidenceKindType, description: 'The kind of evidence.' }),
    answers: t.exposeInt('answers', { description: 'How many answers show it.' }),
    weightPpm: t.exposeInt('weightPpm', {
      description: 'How much of that evidence it was, on average over those answers: parts per million.',
    }),
  }),
});
const answers = 'How many answers drew on it.';
const kinds = 'How those answers show it. Empty where their receipts are kept elsewhere.';

const ContributionImpact = builder.objectRef<Part>('ContributionImpact').implement({
  description: 'Where one contribution mattered.',
  fields: (t) => ({
    contribution: t.field({
      type: entityOf('contribution').ref,
      description: 'The contribution.',
      resolve: ({ id }) => ({ id }) as never,
    }),
    answers: t.exposeInt('answers', { description: answers }),
    earned: t.field({ type: ImpactMoney, description: 'What it earned by that.', resolve: (part) => part.money }),
    kinds: t.field({ type: [ImpactKind], description: kinds, resolve: (part) => [...part.kinds] }),
  }),
});

const ModelImpact = builder.objectRef<Part>('ModelImpact').implement({
  description: 'In which model’s answers data mattered.',
  fields: (t) => ({
    model: t.field({
      type: entityOf('model').ref,
      description: 'The model.',
      resolve: ({ id }) => ({ id }) as never,
    }),
    answers: t.exposeInt('answers', { description: 'How many of its answers drew on the data.' }),
    earned: t.field({ type: ImpactMoney, description: 'What was earned by that.', resolve: (part) => part.money }),
    kinds: t.field({ type: [ImpactKind], description: kinds, resolve: (part) => [...part.kinds] }),
  }),
});

const ImpactDay = builder.objectRef<Day>('ImpactDay').implement({
  description: 'What was attributed on chain on one day.',
  fields: (t) => ({
    start: t.expose('start', { type: 'DateTime', description: 'The start of the UTC day.' }),
    answers: t.exposeInt('answers', { description: 'Answers that shared their fee with the data.' }),
    amount: t.expose('amount', { type: 'BigInt', description: 'Wei of OPEN, final or open to challenge.' }),
  }),
});

const list = { field: 2, multiplier: 10 };

const DataImpact = builder.objectRef<Impact>('DataImpact').implement({
  description:
    'Where an account’s data mattered: in how many answers, of which models, by which evidence, and for how much.',
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime', description: 'From when.' }),
    until: t.expose('until', { type: 'DateTime', description: 'Until when: now.' }),
    answers: t.exposeInt('answers', { description: 'How many answers drew on its data.' }),
    earned: t.field({ type: ImpactMoney, description: 'What all of it earned.', resolve: (impact) => impact.money }),
    contributions: t.field({
      type: [ContributionImpact],
      description: `By contribution: the ${MOST_PARTS} that earned most, the most first.`,
      complexity: list,
      resolve: ({ contributions }) => [...contributions],
    }),
    models: t.field({
      type: [ModelImpact],
      description: `By model: the ${MOST_PARTS} with which it earned most, the most first.`,
      complexity: list,
      resolve: ({ models }) => [...models],
    }),
    days: t.field({
      type: [ImpactDay],
      description: 'Day by day; days without any are left out.',
      complexity: list,
      resolve: ({ days }) => [...days],
    }),
  }),
});

export const impactField: FieldsOf<'account'> = (t) => ({
  impact: t.field({
    type: DataImpact,
    description:
      'Where its data mattered lately. Answer by answer it is in attributions { nodes { inference { explanation } } }.',
    args: {
      days: t.arg.int({ defaultValue: 7, description: `Of the last so many days: 1 to ${LONGEST}, 7 when left out.` }),
    },
    complexity: 100,
    select: { columns: { address: true } },
    resolve: (row, { days }, context) => {
      const wanted = days ?? 7;
      if (wanted < 1 || wanted > LONGEST)
        throw badInput(`Account.impact: days is ${wanted}; it must be 1 to ${LONGEST}.`);
      return impactOf(context, (row as { address: Hex }).address, wanted);
    },
  }),
});
