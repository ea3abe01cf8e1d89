import { impactField } from '../explained/impact-types.ts';
import { address, bigint, bool, int, provenance, text, time, timeOrNone } from '../schema/columns.ts';
import { entity } from '../schema/entity.ts';

entity('account', {
  name: 'Account',
  description: 'An address that acted or was named by an event, and everything that is its own.',
  columns: {
    address: address('Its address.'),
    firstSeenBlock: bigint('The block it first appeared in.'),
    firstSeenAt: time('When it first appeared.'),
    lastActiveAt: timeOrNone('When it last caused an event; null while it was only named.'),
    events: int('How many events it caused.', 'eventCount'),
  },
  one: {
    workerRow: ['worker', 'The model worker it is, if it is one.'],
    escrowRow: ['escrow', 'What it holds in the escrow, once it paid in or earned.'],
    rewardRow: ['rewards', 'What final attributions gave it and what it claimed, once there was any.'],
  },
  many: {
    ownedDatanetRows: ['datanets', 'Datanets it owns.'],
    contributionRows: ['contributions', 'What it contributed.'],
    carriedRows: ['relayedContributions', 'Contributions of others that it submitted in their name.'],
    standingRows: ['standings', 'Its standing in each datanet it contributed to.'],
    validatorshipRows: ['validatorships', 'Datanets it validates or validated.'],
    scoreRows: ['scores', 'Scores it committed or revealed as a validator.'],
    accessRows: ['access', 'Private datanets it asked for or was granted.'],
    relayerRows: ['relayers', 'Relayers it lets submit in its name.'],
    relayedRows: ['relayedAccounts', 'Accounts that let it submit in their name.'],
    roleDayRows: ['activeDays', 'The days it was active, by role.'],
    modelRows: ['models', 'Models it owns.'],
    operatedWorkerRows: ['operatedWorkers', 'Workers whose earnings go to it.'],
    inferenceRows: ['inferences', 'Answers it paid for.'],
    attributionRows: ['attributions', 'Its contributions’ parts in answers.'],
    claimRows: ['claims', 'Rewards it claimed.'],
    proposedRootRows: ['proposedRoots', 'Reward roots it proposed.'],
    stakeRows: ['stakes', 'What it staked, and bonds held for it.'],
    slashRows: ['slashes', 'Stake it lost.'],
    gainedSlashRows: ['slashesReceived', 'Stake that others lost to it.'],
    stakerRewardRows: ['stakerRewards', 'Fees it was paid for staking.'],
    disputeRows: ['disputes', 'Disputes it raised.'],
    counterRows: ['disputeCounters', 'Its answers to disputes.'],
    proposalRows: ['proposals', 'What it proposed.'],
    voteRows: ['votes', 'How it voted.'],
    roleRows: ['roles', 'Roles it holds or held on contracts.'],
    balanceRows: ['balances', 'Its tokens, votes and delegates.'],
    delegatorRows: ['delegators', 'Balances whose votes are delegated to it.'],
    sentRows: ['transfersSent', 'Transfers from it.'],
    receivedRows: ['transfersReceived', 'Transfers to it.'],
    allowanceRows: ['allowances', 'Whom it lets spend its tokens.'],
    vestingRows: ['vestingWallets', 'Vesting wallets that pay it.'],
    activityRows: ['activity', 'Every event it caused.'],
  },
  fields: impactField,
});

entity('accountRoleDay', {
  name: 'AccountRoleDay',
  description: 'A UTC day on which an account acted in a role.',
  columns: {
    account: address('The account.', 'accountAddress'),
    role: text('What it acted as: contributor, validator, payer and so on.'),
    day: time('The start of the UTC day.'),
    events: int('How many events it caused in this role on that day.', 'eventCount'),
  },
  one: { accountRow: ['account', 'The account.'] },
});

entity('relayerAuthorization', {
  name: 'RelayerAuthorization',
  description: 'An account’s permission for a relayer to submit contributions in its name.',
  columns: {
    account: address('Who gave the permission.', 'accountAddress'),
    relayer: address('Who may submit.', 'relayerAddress'),
    expiresAt: time('When it ends by itself.'),
    active: bool('Whether it stands: false once it was revoked.'),
    ...provenance,
  },
  one: { accountRow: ['account', 'Who gave the permission.'], relayerRow: ['relayer', 'Who may submit.'] },
});
