import { address, bigint, bytes32, enumOf, eventProvenance, provenance, timeOrNone } from '../schema/columns.ts';
import { entity } from '../schema/entity.ts';

const role = enumOf('StakeRole', 'What a stake vouches for.', {
  contributor: 'A contribution: its bond.',
  validator: 'A validator’s honest scores.',
  worker: 'A worker’s honest settlement and attribution.',
  disputer: 'A dispute: its bond.',
  other: 'A role added later by governance.',
});

entity('stake', {
  name: 'Stake',
  description: 'A stake, or a bond that another contract holds for an account. Wei of OPEN.',
  columns: {
    id: bigint('Its number on chain.', 'stakeId'),
    account: address('Whose it is.', 'accountAddress'),
    roleId: bytes32('keccak256 of the role’s name.'),
    role: role('What it vouches for.'),
    targetId: bigint('What it is for: a datanet, a contribution, a dispute; 0 for none.'),
    amount: bigint('What is still staked.'),
    staked: bigint('What was ever put in.'),
    withdrawn: bigint('What was taken out.'),
    slashed: bigint('What was lost.'),
    pendingUnstake: bigint('What waits to be taken out.'),
    availableAt: timeOrNone('When that can be taken out; null while nothing waits.'),
    ...provenance,
  },
  one: { accountRow: ['account', 'Whose it is.'] },
  many: { slashRows: ['slashes', 'What was lost of it, and why.'] },
});

entity('slash', {
  name: 'Slash',
  description: 'A loss of stake.',
  columns: {
    ...eventProvenance,
    stakeId: bigint('The stake’s number on chain.'),
    account: address('Who lost it.', 'accountAddress'),
    disputeId: bigint('The dispute it was lost in; 0 when there was none.'),
    amount: bigint('Wei of OPEN lost.'),
    beneficiary: address('Who got it.', 'beneficiaryAddress'),
  },
  one: {
    stakeRow: ['stake', 'The stake.'],
    accountRow: ['account', 'Who lost it.'],
    disputeRow: ['dispute', 'The dispute it was lost in.'],
    beneficiaryRow: ['beneficiary', 'Who got it.'],
  },
});

entity('stakerReward', {
  name: 'StakerReward',
  description: 'The stakers’ part of fees, paid to one of them.',
  columns: {
    ...eventProvenance,
    account: address('Who was paid.', 'accountAddress'),
    amount: bigint('Wei of OPEN paid.'),
  },
  one: { accountRow: ['account', 'Who was paid.'] },
});
