import { address, bigint, bytes32, enumOf, int, provenance, text, time } from '../schema/columns.ts';
import { entity } from '../schema/entity.ts';
import { inclusionsField } from './inclusions.ts';
import { qualityField } from './quality.ts';
import { contentField } from './source.ts';

const status = enumOf('ContributionStatus', 'Where a contribution stands.', {
  pending: 'Waiting for scores.',
  accepted: 'Part of its datanet.',
  rejected: 'Refused, with a reason.',
  revoked: 'Taken out after acceptance: an upheld dispute, or withdrawn.',
});

entity('contribution', {
  name: 'Contribution',
  description:
    'Data that someone gave to a datanet, and what became of it. Its text is stored off chain; this is its record.',
  columns: {
    id: bigint('Its number on chain.', 'contributionId'),
    datanetId: bigint('Its datanet’s number on chain.'),
    contributor: address('Who gave it.', 'contributorAddress'),
    relayer: address('Who sent the transaction: the contributor, or a relayer it authorised.', 'relayerAddress'),
    contentHash: bytes32('keccak256 of its content; unique in its datanet.'),
    uri: text('Where its content is.'),
    licenseId: bytes32('keccak256 of its licence’s SPDX identifier.'),
    rows: bigint('Rows of data in it.', 'rowCount'),
    bond: bigint('Wei of OPEN bonded with it.'),
    status: status('Where it stands.'),
    score: bigint(
      'The median of its scores, or the threshold where its datanet’s owner decided; 1e18 is a full score, 0 until accepted.',
    ),
    reason: bytes32('Why it was rejected or revoked.'),
    decidedAt: time('When it was accepted, rejected or revoked.'),
    commits: int('How many validators committed a score.', 'commitCount'),
    scores: int('How many validators revealed a score.', 'scoreCount'),
    attributions: int('How many final attributions name it.', 'attributionCount'),
    attributed: bigint('Wei of OPEN that those gave it.'),
    ...provenance,
  },
  one: {
    datanetRow: ['datanet', 'The datanet it was given to.'],
    contributorRow: ['contributor', 'Who gave it.'],
    relayerRow: ['relayer', 'Who sent the transaction.'],
  },
  many: {
    scoreRows: ['scores', 'What validators made of it.'],
    attributionRows: ['attributions', 'Its parts in answers.'],
    disputeRows: ['disputes', 'Disputes about it.'],
  },
  fields: (t) => ({ ...contentField(t), ...qualityField(t), ...inclusionsField(t) }),
});

entity('contributionScore', {
  name: 'ContributionScore',
  description: 'A validator’s blind score of a contribution: committed first, revealed later.',
  columns: {
    contributionId: bigint('The contribution’s number on chain.'),
    validator: address('Who scored.', 'validatorAddress'),
    datanetId: bigint('The datanet’s number on chain.'),
    commitment: bytes32('The hash that bound the validator to its score.'),
    score: bigint('The score, once revealed; 1e18 is a full score.'),
    evidenceHash: bytes32('keccak256 of the validator’s reasons, once revealed.'),
    revealedAt: time('When it was revealed.'),
    ...provenance,
  },
  one: {
    contributionRow: ['contribution', 'The contribution scored.'],
    datanetRow: ['datanet', 'Its datanet.'],
    validatorRow: ['validator', 'Who scored.'],
  },
});
