import type { Hex } from '@openledger/db/chain';
import { CHAIN_ID, type Rows } from '../world.ts';
import { answers, earned, requestOf } from './answers.ts';
import { at, contract, event, OPEN, people } from './base.ts';
import { contribution } from './contributions.ts';
import { versions } from './texts.ts';

const { alice, bruno, farid, hana } = people;

const activity = [
  [
    10,
    'DatanetRegistry',
    'DatanetCreated',
    alice,
    'datanet',
    '1',
    1n,
    null,
    { datanetId: '1', name: 'Rust Ownership Questions' },
  ],
  ...contribution.map((row) => [
    Number(row.createdBlock),
    'DatanetRegistry',
    'ContributionSubmitted',
    row.contributor,
    'contribution',
    `${row.id}`,
    row.datanetId,
    null,
    { contributionId: `${row.id}`, datanetId: `${row.datanetId}`, contributor: row.contributor },
  ]),
  ...versions.map(({ datanetId, version, block }) => [
    block,
    'DatanetRegistry',
    'DatanetVersionPublished',
    alice,
    'datanet',
    `${datanetId}`,
    datanetId,
    null,
    { datanetId: `${datanetId}`, version: `${version}` },
  ]),
  [72_000, 'ModelRegistry', 'ModelVersionPublished', farid, 'model', '1', null, 1n, { modelId: '1', version: '2' }],
  ...answers.map(({ block }, n) => [
    block,
    'InferenceEscrow',
    'InferenceSettled',
    hana,
    'inference',
    requestOf(n),
    null,
    1n,
    { requestId: requestOf(n), modelId: '1' },
  ]),
  [
    120_000,
    'RewardDistributor',
    'Claimed',
    bruno,
    'account',
    bruno,
    null,
    null,
    { account: bruno, amount: `${earned(bruno)}` },
  ],
] as unknown as [number, string, string, Hex, string, string, bigint | null, bigint | null, Record<string, unknown>][];

/** What happened, and what follows from it for accounts and days. */
export const logRows = (): Partial<Rows> =>
  ({
    account: Object.values(people).map((account, n) => ({
      address: account,
      firstSeenBlock: BigInt(10 + n),
      firstSeenAt: at(10 + n),
      lastActiveAt: at(100_000 + n),
      events: activity.filter(([, , , actor]) => actor === account).length,
    })),
    activity: activity.map(([block, contractName, name, actor, subjectType, subjectId, datanetId, modelId, args]) => ({
      ...event(block),
      chainId: CHAIN_ID,
      logIndex: 0,
      contract: contract(contractName as never),
      contractName,
      event: name,
      actor,
      subjectType,
      subjectId,
      datanetId,
      modelId,
      args,
    })),
    accountRoleDay: daysOf(activity.map(([block, , name, actor]) => ({ name, actor, at: at(block) }))),
    protocolDay: [0, 1, 2].map((n) => ({
      bucket: 1_789_948_800n + BigInt(n) * 86_400n,
      events: [9, 7, 6][n]!,
      newAccounts: [6, 2, 0][n]!,
      activeAccounts: [5, 3, 2][n]!,
      contributionsSubmitted: [4, 3, 1][n]!,
      contributionsAccepted: [2, 3, 1][n]!,
      inferences: [0, 3, 1][n]!,
      rowsAccepted: 0n,
      fees: OPEN * BigInt([0, 6, 2][n]!),
      attributed: 0n,
      unattributed: 0n,
      claimed: 0n,
      deposited: 0n,
      staked: 0n,
      slashed: 0n,
      inTokens: 0n,
      outTokens: 0n,
    })),
  }) as Partial<Rows>;

/** As what the one who causes an event acts. */
const roles: Readonly<Record<string, string>> = {
  DatanetCreated: 'datanet_owner',
  DatanetVersionPublished: 'datanet_owner',
  ContributionSubmitted: 'contributor',
  Claimed: 'contributor',
  ScoreCommitted: 'validator',
  ContributionScored: 'validator',
  ModelRegistered: 'builder',
  ModelVersionPublished: 'builder',
  AdapterDeployed: 'worker',
  InferenceSettled: 'worker',
};

/** Who acted as what on which UTC day. */
function daysOf(events: readonly { name: string; actor: Hex; at: bigint }[]) {
  const days = new Map<string, Rows['accountRoleDay'][number]>();
  for (const { name, actor, at } of events) {
    const role = roles[name];
    if (role === undefined) continue;
    const day = at - (at % 86_400n);
    const key = `${actor} ${role} ${day}`;
    days.set(key, { account: actor, role, day, events: (days.get(key)?.events ?? 0) + 1 });
  }
  return [...days.values()];
}
