import type { Interval } from './calendar.ts';
import type { GroupBy } from './frame.ts';
import { busy } from './sources/busy.ts';
import { decidedByAccount, perContributor, submittedByAccount } from './sources/contributions.ts';
import { activeModels, deployedModels } from './sources/deployments.ts';
import {
  activeDevelopers,
  churnedDevelopers,
  fullTimeDevelopers,
  newDevelopers,
  returningDevelopers,
} from './sources/developers.ts';
import {
  claimedByAccount,
  emissions,
  emissionsByBeneficiary,
  emissionsPerFee,
  netEmissions,
} from './sources/emissions.ts';
import { answersByPayer, demand } from './sources/inferences.ts';
import { rollup, secondDifference } from './sources/rollups.ts';
import type { Source } from './sources/source.ts';

/** One metric: what it means, and what is added up for it under each grouping that makes sense. */
export type Metric = {
  readonly definition: string;
  readonly unit: string;
  /** Whom or what it counts among. */
  readonly population: string;
  /** What to know before one draws conclusions. */
  readonly caveat?: string;
  /** The value is a numerator over a denominator. */
  readonly ratio?: true;
  /** It compares a bucket with those before it, so that the first bucket must be a whole one too. */
  readonly whole?: true;
  /** Every interval without it. */
  readonly intervals?: readonly Interval[];
  /** It is of what is recorded off chain, in schema `app`. */
  readonly offChain?: true;
  /** It reads rows, not rollups, so that it costs more. */
  readonly fromRows?: true;
  /** It can be narrowed by one thing and grouped by another. */
  readonly mixes?: true;
  readonly sources: { readonly [G in GroupBy]?: Source };
};

const daily: readonly Interval[] = ['DAY', 'WEEK', 'MONTH'];
const WEI = 'wei of OPEN';

const developers = (source: Source, definition: string, more: Partial<Metric> = {}): Metric => ({
  definition,
  unit: 'accounts',
  population:
    'Accounts that acted as builder, contributor, datanet owner, validator or worker; in the role asked for when there is one; by ROLE each role by itself.',
  intervals: daily,
  fromRows: true,
  mixes: true,
  sources: { NONE: source, ROLE: source },
  ...more,
});

const counter = (definition: string, unit: string, population: string, sources: Metric['sources']): Metric => ({
  definition,
  unit,
  population,
  sources,
});

const of = (protocol: string, datanet?: string, model?: string): Metric['sources'] => ({
  NONE: rollup('protocol', { n: protocol }),
  ...(datanet !== undefined && { DATANET: rollup('datanet', { n: datanet }) }),
  ...(model !== undefined && { MODEL: rollup('model', { n: model }) }),
});
const net = 'r.deployments - r.undeployments';
const accepted = (submitted: 'contributions_' | '') => ({
  n: `r.${submitted}accepted`,
  d: `r.${submitted}accepted + r.${submitted}rejected`,
});

const contributionEvents = 'Contributions to all datanets, or to the one asked for.';
const answers = 'Answers settled on chain; what was answered and not settled is not counted.';
const linked =
  'An answer is self-paid when its payer is the model’s owner, the worker, the worker’s operator at that time or a contributor to whom part of it is attributed, or was sent OPEN directly by one of them before.';
const linkedCaveat =
  'Funding through third accounts is not seen. The newest buckets can move from organic to self-paid until their attributions are posted.';
const demands = (what: Parameters<typeof demand>[0]): Metric['sources'] => ({
  NONE: demand(what, 'NONE'),
  MODEL: demand(what, 'MODEL'),
  ACCOUNT: demand(what, 'ACCOUNT'),
});
const demandMetric = (what: Parameters<typeof demand>[0], definition: string, unit: string): Metric => ({
  definition: `${definition} ${linked}`,
  unit,
  population: answers,
  caveat: linkedCaveat,
  fromRows: true,
  mixes: true,
  sources: demands(what),
});

export const metrics = {
  ACTIVE_DEVELOPERS: developers(activeDevelopers, 'Accounts with at least one action in the bucket.'),
  NEW_DEVELOPERS: developers(newDevelopers, 'Accounts whose first action of all lies in the bucket.', { whole: true }),
  RETURNING_DEVELOPERS: developers(
    returningDevelopers,
    'Accounts active in the bucket whose first action lies before it. Active = new + returning.',
    { whole: true },
  ),
  CHURNED_DEVELOPERS: developers(
    churnedDevelopers,
    'Accounts active in the bucket before this one and not in this one.',
    { whole: true, caveat: 'In the bucket that still runs, everyone counts who was active before and is not yet.' },
  ),
  FULL_TIME_DEVELOPERS: developers(
    fullTimeDevelopers,
    'Accounts active on at least 10 UTC days of the 28 that end with the bucket’s last day; in the bucket that still runs, with the day of the last block.',
    { whole: true },
  ),

  MODELS_REGISTERED: counter('Models registered.', 'models', 'All models.', of('r.models_registered')),
  MODEL_VERSIONS: counter(
    'Model versions published.',
    'versions',
    'All models, or the one asked for.',
    of('r.model_versions', undefined, 'r.versions'),
  ),
  DEPLOYMENTS: counter(
    'Adapters deployed: a version of a model on a worker. Deploying it again counts again.',
    'deployments',
    'All models, or the one asked for.',
    of('r.deployments', undefined, 'r.deployments'),
  ),
  UNDEPLOYMENTS: counter(
    'Adapters taken down.',
    'deployments',
    'All models, or the one asked for.',
    of('r.undeployments', undefined, 'r.undeployments'),
  ),
  NET_DEPLOYMENTS: counter(
    'Deployed less taken down; negative when more went than came.',
    'deployments',
    'All models, or the one asked for.',
    of(net, undefined, net),
  ),
  DEPLOYED_MODELS: counter(
    'Models with at least one deployment standing when the bucket ends; now, in the bucket that still runs.',
    'models',
    'All models.',
    { NONE: deployedModels },
  ),

  CONTRIBUTIONS_SUBMITTED: counter('Contributions submitted.', 'contributions', contributionEvents, {
    ...of('r.contributions_submitted', 'r.submitted'),
    ACCOUNT: submittedByAccount,
  }),
  CONTRIBUTIONS_ACCEPTED: counter(
    'Contributions accepted, by when they were; one that is revoked later stays counted here.',
    'contributions',
    contributionEvents,
    { ...of('r.contributions_accepted', 'r.accepted'), ACCOUNT: decidedByAccount('ContributionAccepted') },
  ),
  CONTRIBUTIONS_REJECTED: counter('Contributions rejected, by when they were.', 'contributions', contributionEvents, {
    ...of('r.contributions_rejected', 'r.rejected'),
    ACCOUNT: decidedByAccount('ContributionRejected'),
  }),
  CONTRIBUTIONS_REVOKED: counter('Contributions revoked, by when they were.', 'contributions', contributionEvents, {
    ...of('r.contributions_revoked', 'r.revoked'),
    ACCOUNT: decidedByAccount('ContributionRevoked'),
  }),
  ROWS_ACCEPTED: counter(
    'Rows of data in the contributions accepted.',
    'rows',
    contributionEvents,
    of('r.rows_accepted', 'r.rows_accepted'),
  ),
  CONTRIBUTIONS_PER_CONTRIBUTOR: {
    definition: 'Contributions submitted over the accounts that submitted any.',
    unit: 'contributions per account',
    population: contributionEvents,
    ratio: true,
    fromRows: true,
    sources: { NONE: perContributor('NONE'), DATANET: perContributor('DATANET') },
  },
  CONTRIBUTION_ACCELERATION: {
    definition:
      'Second difference of contributions submitted: this bucket’s, less twice the one’s before, plus the one’s before that. Above zero the pace grows faster than it did.',
    unit: 'contributions',
    population: contributionEvents,
    whole: true,
    sources: {
      NONE: secondDifference('protocol', 'contributions_submitted'),
      DATANET: secondDifference('datanet', 'submitted'),
    },
  },
  ACCEPTANCE_RATE: {
    definition: 'Contributions accepted over those decided, accepted or rejected, in the bucket.',
    unit: 'share of 1',
    population: contributionEvents,
    ratio: true,
    sources: {
      NONE: rollup('protocol', accepted('contributions_')),
      DATANET: rollup('datanet', accepted('')),
    },
  },

  INFERENCES: counter('Answers settled.', 'answers', answers, {
    ...of('r.inferences', undefined, 'r.inferences'),
    ACCOUNT: answersByPayer('count(*)'),
  }),
  INPUT_TOKENS: counter('Prompt tokens of the answers settled.', 'tokens', answers, {
    ...of('r.in_tokens', undefined, 'r.in_tokens'),
    ACCOUNT: answersByPayer('sum(a.in_tokens)'),
  }),
  OUTPUT_TOKENS: counter('Generated tokens of the answers settled.', 'tokens', answers, {
    ...of('r.out_tokens', undefined, 'r.out_tokens'),
    ACCOUNT: answersByPayer('sum(a.out_tokens)'),
  }),
  FEES: counter('Fees paid for the answers settled.', WEI, answers, {
    ...of('r.fees', undefined, 'r.fees'),
    ACCOUNT: answersByPayer('sum(a.fee)'),
  }),
  ACTIVE_MODEL_SHARE: {
    definition:
      'Of the models that had a deployment standing at some time in the bucket, the share for which an answer was settled in it.',
    unit: 'share of 1',
    population: 'Models with a deployment standing at some time in the bucket: the denominator.',
    ratio: true,
    sources: { NONE: activeModels },
  },
  BUSY_RATIO: {
    definition:
      'Time in which a worker had at least one request under way, over the length of the bucket so far, summed over the workers that had any.',
    unit: 'share of 1',
    population: 'Workers with a request in the bucket that has ended; by ACCOUNT each worker by itself.',
    caveat:
      'From what workers record off chain, which nobody attests: null where they recorded nothing. A worker without any request in a bucket is not counted as idle, but left out.',
    ratio: true,
    fromRows: true,
    offChain: true,
    sources: { NONE: busy('NONE'), ACCOUNT: busy('ACCOUNT') },
  },

  ORGANIC_INFERENCES: demandMetric('organic answers', 'Answers settled that are not self-paid.', 'answers'),
  SELF_PAID_INFERENCES: demandMetric('self-paid answers', 'Answers settled that are self-paid.', 'answers'),
  ORGANIC_FEES: demandMetric('organic fees', 'Fees of the answers that are not self-paid.', WEI),
  SELF_PAID_FEES: demandMetric('self-paid fees', 'Fees of the answers that are self-paid.', WEI),
  SELF_PAID_SHARE: {
    ...demandMetric('self-paid share', 'Fees of self-paid answers over all fees.', 'share of 1'),
    ratio: true,
  },

  EMISSIONS: {
    definition: 'OPEN released from vesting wallets; by ACCOUNT by the beneficiary now.',
    unit: WEI,
    population: 'The vesting wallets of the deployment.',
    caveat: 'Only releases into circulation: what has vested and was not released yet is not counted.',
    sources: { NONE: emissions, ACCOUNT: emissionsByBeneficiary },
  },
  NET_EMISSIONS: counter(
    'OPEN released from vesting wallets, less the fees paid for answers; negative when more was paid.',
    WEI,
    'The vesting wallets of the deployment, and answers settled.',
    { NONE: netEmissions },
  ),
  EMISSIONS_PER_FEE: {
    definition: 'OPEN released from vesting wallets over the fees paid for answers; null when none were paid.',
    unit: 'wei per wei',
    population: 'The vesting wallets of the deployment, and answers settled.',
    ratio: true,
    sources: { NONE: emissionsPerFee },
  },
  REWARDS_ATTRIBUTED: counter(
    'OPEN that became payable to contributors: attributed to them by batches that became final in the bucket.',
    WEI,
    'Final attribution batches.',
    of('r.attributed', 'r.attributed', 'r.attributed'),
  ),
  REWARDS_CLAIMED: counter('OPEN that contributors claimed.', WEI, 'Claims.', {
    ...of('r.claimed'),
    ACCOUNT: claimedByAccount,
  }),
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;

/** Query cost of a metric: one statement, that reads rollups or many rows. */
export function costOf(name: MetricName, groupBy: GroupBy): number {
  const { fromRows }: Metric = metrics[name];
  return fromRows || groupBy === 'ACCOUNT' ? 500 : 100;
}
