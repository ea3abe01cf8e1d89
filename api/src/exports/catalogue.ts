import type { TableName } from '../schema/orders.ts';

/** What can be downloaded, and by which of its columns it can be narrowed. */
export type TableExport = {
  readonly description: string;
  readonly table: TableName;
  /** Columns that order it; an index has them in this order. */
  readonly order: readonly string[];
  /** What `from` and `to` compare: Unix seconds, or an event id, which begins with them. */
  readonly time: { readonly column: string; readonly is: 'seconds' | 'event' };
  readonly datanet?: string;
  readonly model?: string;
  /** An account matches in any of these. */
  readonly account?: readonly string[];
};

const at = (column: string) => ({ column, is: 'seconds' }) as const;
const event = (column: string) => ({ column, is: 'event' }) as const;

export const tableExports: Readonly<Record<string, TableExport>> = {
  activity: {
    description: 'Every event there ever was; account: who caused it.',
    table: 'activity',
    order: ['id'],
    time: event('id'),
    datanet: 'datanetId',
    model: 'modelId',
    account: ['actor'],
  },
  accounts: {
    description: 'Every account that acted or was named, by when it was first seen.',
    table: 'account',
    order: ['firstSeenAt', 'address'],
    time: at('firstSeenAt'),
    account: ['address'],
  },
  'account-activity': {
    description: 'What each account did as what on each UTC day; from and to: the day.',
    table: 'accountRoleDay',
    order: ['day', 'role', 'account'],
    time: at('day'),
    account: ['account'],
  },
  datanets: {
    description: 'Every datanet; account: its owner.',
    table: 'datanet',
    order: ['id'],
    time: at('createdAt'),
    datanet: 'id',
    account: ['owner'],
  },
  'datanet-versions': {
    description: 'Every version of a datanet.',
    table: 'datanetVersion',
    order: ['createdAt', 'datanetId', 'version'],
    time: at('createdAt'),
    datanet: 'datanetId',
  },
  contributions: {
    description: 'Every contribution, by when it was submitted; account: its contributor.',
    table: 'contribution',
    order: ['id'],
    time: at('createdAt'),
    datanet: 'datanetId',
    account: ['contributor'],
  },
  scores: {
    description: 'Every validator’s score of a contribution, by when it was committed; account: the validator.',
    table: 'contributionScore',
    order: ['createdAt', 'contributionId', 'validator'],
    time: at('createdAt'),
    datanet: 'datanetId',
    account: ['validator'],
  },
  models: {
    description: 'Every model; account: its owner.',
    table: 'model',
    order: ['id'],
    time: at('createdAt'),
    model: 'id',
    account: ['owner'],
  },
  'model-versions': {
    description: 'Every version of a model.',
    table: 'modelVersion',
    order: ['createdAt', 'modelId', 'version'],
    time: at('createdAt'),
    model: 'modelId',
  },
  deployments: {
    description: 'Every adapter ever deployed, by when it first was; account: its worker.',
    table: 'deployment',
    order: ['createdAt', 'modelId', 'worker', 'version'],
    time: at('createdAt'),
    model: 'modelId',
    account: ['worker'],
  },
  inferences: {
    description: 'Every answer settled; account: its payer or its worker.',
    table: 'inference',
    order: ['eventId'],
    time: event('eventId'),
    model: 'modelId',
    account: ['payer', 'worker'],
  },
  attributions: {
    description: 'Each contribution’s part in each answer, by when its batch was posted; account: the contributor.',
    table: 'attribution',
    order: ['createdAt', 'batchId', 'requestId', 'contributionId'],
    time: at('createdAt'),
    datanet: 'datanetId',
    model: 'modelId',
    account: ['contributor'],
  },
  rewards: {
    description: 'What each account earned and claimed up to now; from and to: its first reward.',
    table: 'rewardAccount',
    order: ['createdAt', 'account'],
    time: at('createdAt'),
    account: ['account'],
  },
  claims: {
    description: 'Every claim; account: who claimed.',
    table: 'claim',
    order: ['id'],
    time: event('id'),
    account: ['account'],
  },
  transfers: {
    description: 'Every transfer of OPEN and GOPEN; account: sender or receiver.',
    table: 'tokenTransfer',
    order: ['id'],
    time: event('id'),
    account: ['from', 'to'],
  },
};
