import { address, bigint, bytes32, enumOf, eventProvenance, int, provenance, text, time } from '../schema/columns.ts';
import { entity } from '../schema/entity.ts';
import { claimableFields, reproducedField } from './claimable.ts';

const epochStatus = enumOf('EpochStatus', 'Where the pay of an epoch stands.', {
  closed: 'Summed up, no root proposed.',
  proposed: 'A root waits out its timelock.',
  accepted: 'Its root can be claimed against.',
});
const rootStatus = enumOf('RewardRootStatus', 'Where a reward root stands.', {
  proposed: 'Waiting out its timelock.',
  revoked: 'Taken back in it.',
  accepted: 'Claims can be made against it.',
});

entity('epoch', {
  name: 'Epoch',
  description: 'A stretch of time whose final attributions are paid together.',
  columns: {
    id: bigint('Its number on chain.', 'epochId'),
    start: time('When it began.'),
    end: time('When it ended.'),
    total: bigint('Wei of OPEN that became payable to contributors in it.'),
    status: epochStatus('Where its pay stands.'),
    root: bytes32('The root proposed or accepted for it now.'),
    ...provenance,
  },
  many: { rootRows: ['roots', 'Every root proposed for it.'] },
});

entity('rewardRoot', {
  name: 'RewardRoot',
  description: 'A Merkle root over what every account earned so far.',
  columns: {
    ...eventProvenance,
    epochId: bigint('The epoch’s number on chain.'),
    root: bytes32('The root over (account, cumulative amount).'),
    ipfsHash: bytes32('The hash of the published tree.'),
    uri: text('Where the tree is.'),
    validAt: time('When its timelock ends.'),
    proposer: address('Who proposed it.', 'proposerAddress'),
    status: rootStatus('Where it stands.'),
  },
  one: { epochRow: ['epoch', 'The epoch it pays.'], proposerRow: ['proposer', 'Who proposed it.'] },
  many: { disputeRows: ['disputes', 'Disputes about this root, whichever time it was proposed.'] },
  fields: reproducedField,
});

entity('claim', {
  name: 'Claim',
  description: 'A payment of earned rewards.',
  columns: {
    ...eventProvenance,
    account: address('Who was paid.', 'accountAddress'),
    amount: bigint('Wei of OPEN paid.'),
    cumulative: bigint('Wei of OPEN paid so far, this included.'),
  },
  one: { accountRow: ['account', 'Who was paid.'] },
});

entity('rewardAccount', {
  name: 'RewardAccount',
  description: 'What an account earned by final attributions, and what it claimed of it. Wei of OPEN.',
  columns: {
    account: address('The account.', 'accountAddress'),
    attributed: bigint('What final attributions gave it.'),
    claimed: bigint('What it claimed.'),
    claims: int('How many times it claimed.', 'claimCount'),
    ...provenance,
  },
  one: { accountRow: ['account', 'The account.'] },
  fields: claimableFields,
});
