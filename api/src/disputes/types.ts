import { address, bigint, bytes32, enumOf, eventProvenance, int, provenance, text, time } from '../schema/columns.ts';
import { entity } from '../schema/entity.ts';
import { targetField } from './target.ts';

const status = enumOf('DisputeStatus', 'How a dispute went.', {
  open: 'Not decided.',
  upheld: 'Its initiator was right.',
  rejected: 'Its initiator was wrong and lost the bond.',
  expired: 'Nobody judged it in time: it lapsed, and the bond went back.',
});
const targetType = enumOf('DisputeTargetType', 'What kind of thing is disputed.', {
  contribution: 'A contribution.',
  attribution_batch: 'An attribution batch.',
  reward_root: 'A reward root.',
  worker: 'A worker.',
});

entity('dispute', {
  name: 'Dispute',
  description:
    'A bonded challenge of a contribution, an attribution batch, a reward root or a worker; governance decides.',
  columns: {
    id: bigint('Its number on chain.', 'disputeId'),
    initiator: address('Who raised it.', 'initiatorAddress'),
    targetType: targetType('What kind of thing is disputed.'),
    targetId: bytes32(
      'What is disputed, as 32 bytes: a contribution’s or batch’s number, a reward root, or a worker’s address.',
    ),
    contributionId: bigint('The contribution’s number on chain; null when something else is disputed.'),
    batchId: bigint('The attribution batch’s number on chain; null when something else is disputed.'),
    root: bytes32('The reward root; null when something else is disputed.'),
    worker: address('The worker; null when something else is disputed.', 'workerAddress'),
    tag: bytes32('What is held against it, as a tag.'),
    evidenceHash: bytes32('keccak256 of the evidence.'),
    uri: text('Where the evidence is.'),
    bond: bigint('Wei of OPEN that the initiator put at stake.'),
    deadline: time('Until when it can be answered; from then on it may lapse.'),
    status: status('How it went.'),
    slashed: bigint('Wei of OPEN taken from who was wrong.'),
    resolvedAt: time('When it was decided or lapsed.'),
    counters: int('How many answers it got.', 'counterCount'),
    ...provenance,
  },
  one: { initiatorRow: ['initiator', 'Who raised it.'] },
  many: {
    counterRows: ['counters', 'Answers to it.'],
    slashRows: ['slashes', 'Stake lost in it.'],
  },
  fields: targetField,
});

entity('disputeCounter', {
  name: 'DisputeCounter',
  description: 'An answer to a dispute.',
  columns: {
    ...eventProvenance,
    disputeId: bigint('The dispute’s number on chain.'),
    by: address('Who answered.', 'byAddress'),
    evidenceHash: bytes32('keccak256 of the evidence.'),
    uri: text('Where the evidence is.'),
  },
  one: { disputeRow: ['dispute', 'The dispute.'], byRow: ['by', 'Who answered.'] },
});
