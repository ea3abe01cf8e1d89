import { datanetRollups } from '../analytics/rollups.ts';
import { address, bigint, bool, bytes32, enumOf, int, name, provenance, text, timeOrNone } from '../schema/columns.ts';
import { entity } from '../schema/entity.ts';
import { memberFields } from './members.ts';

const visibility = enumOf('DatanetVisibility', 'Who may train on a datanet.', {
  public: 'Anyone.',
  private: 'Who was granted access.',
});
const status = enumOf('DatanetStatus', 'Whether a datanet takes contributions.', {
  active: 'It does.',
  paused: 'Not for now.',
  archived: 'Never again.',
});
const accessStatus = enumOf('DatanetAccessStatus', 'Where a request for access stands.', {
  requested: 'Asked, not answered.',
  granted: 'Granted until it expires.',
  revoked: 'Taken back.',
});

entity('datanet', {
  name: 'Datanet',
  description: 'A community’s collection of data for specialised models, with rules for what it accepts.',
  columns: {
    id: bigint('Its number on chain.', 'datanetId'),
    owner: address('Who owns it.', 'ownerAddress'),
    name: name('Its name.'),
    uri: text('Where its description is.'),
    uriHash: bytes32('keccak256 of that description.'),
    visibility: visibility('Who may train on it.'),
    status: status('Whether it takes contributions.'),
    minBond: bigint('Wei of OPEN that a contribution must bond.'),
    scoreThreshold: bigint('The median score from which a contribution is accepted; 1e18 is a full score.'),
    quorum: int('How many validators must score a contribution; 0 lets its owner decide alone.'),
    reviewWindow: bigint('Seconds that validators have to commit their scores, and as many again to reveal them.'),
    contributions: int('How many contributions were submitted.', 'contributionCount'),
    pending: int('How many of them wait for scores.', 'pendingCount'),
    accepted: int('How many of them stand accepted.', 'acceptedCount'),
    rejected: int('How many of them were rejected.', 'rejectedCount'),
    revoked: int('How many of them were revoked after acceptance.', 'revokedCount'),
    contributors: int('How many accounts contributed.', 'contributorCount'),
    rows: bigint('Rows of data in accepted contributions.', 'rowCount'),
    latestVersion: int('The number of its latest published version; 0 before the first.'),
    trainings: int('How many times a model version was trained on it.', 'trainingCount'),
    attributed: bigint('Wei of OPEN that final attributions gave to its contributions.'),
    ...provenance,
  },
  one: { ownerRow: ['owner', 'Who owns it.'] },
  many: {
    contributionRows: ['contributions', 'What was contributed to it.'],
    versionRows: ['versions', 'Its published versions.'],
    validatorRows: ['validators', 'Who may score its contributions, or could.'],
    accessRows: ['access', 'Who asked to train on it, and what was answered.'],
    contributorRows: ['contributors', 'Its contributors and their standing in it.'],
    scoreRows: ['scores', 'All scores of its contributions.'],
    trainingRows: ['trainings', 'Model versions trained on it.'],
    attributionRows: ['attributions', 'Its contributions’ parts in answers.'],
    activityRows: ['activity', 'Every event that names it or a contribution of it.'],
  },
  fields: datanetRollups,
});

entity('datanetVersion', {
  name: 'DatanetVersion',
  description: 'A published state of a datanet: which contributions are in it, under a Merkle root.',
  columns: {
    datanetId: bigint('Its datanet’s number on chain.'),
    version: int('Its number, from 1.'),
    dataRoot: bytes32('Merkle root over (contribution, content hash).'),
    contributions: bigint('How many contributions are in it.', 'contributionCount'),
    rows: bigint('Rows of data in it.', 'rowCount'),
    uri: text('Where its list of contributions is.'),
    ...provenance,
  },
  one: { datanetRow: ['datanet', 'The datanet it is a version of.'] },
  many: { trainingRows: ['trainings', 'Model versions trained on it.'] },
  fields: memberFields,
});

entity('datanetValidator', {
  name: 'DatanetValidator',
  description: 'An account that its owner lets score a datanet’s contributions.',
  columns: {
    datanetId: bigint('The datanet’s number on chain.'),
    validator: address('The validator.', 'validatorAddress'),
    active: bool('Whether it may score now.'),
    commits: int('How many scores it committed here.', 'commitCount'),
    scores: int('How many scores it revealed here.', 'scoreCount'),
    ...provenance,
  },
  one: { datanetRow: ['datanet', 'The datanet.'], validatorRow: ['validator', 'The validator.'] },
});

entity('datanetAccess', {
  name: 'DatanetAccess',
  description: 'An account’s request or permission to train on a datanet.',
  columns: {
    datanetId: bigint('The datanet’s number on chain.'),
    grantee: address('Who asked.', 'granteeAddress'),
    status: accessStatus('Where the request stands.'),
    purpose: text('What for, in the words of who asked.'),
    expiresAt: timeOrNone('When the permission ends; null until granted.'),
    ...provenance,
  },
  one: { datanetRow: ['datanet', 'The datanet.'], granteeRow: ['grantee', 'Who asked.'] },
});

entity('datanetContributor', {
  name: 'DatanetContributor',
  description: 'One contributor’s standing in one datanet.',
  columns: {
    datanetId: bigint('The datanet’s number on chain.'),
    contributor: address('The contributor.', 'contributorAddress'),
    submitted: int('How many contributions it submitted.', 'submittedCount'),
    accepted: int('How many of them stand accepted.', 'acceptedCount'),
    rejected: int('How many of them were rejected.', 'rejectedCount'),
    revoked: int('How many of them were revoked.', 'revokedCount'),
    rows: bigint('Rows of data in its accepted contributions.', 'rowCount'),
    penalty: bigint('What upheld disputes hold against it; 1e18 is a full penalty.'),
    attributed: bigint('Wei of OPEN that final attributions gave it here.'),
    lastSubmittedAt: timeOrNone('When it last submitted something; null before the first time.'),
    ...provenance,
  },
  one: { datanetRow: ['datanet', 'The datanet.'], contributorRow: ['contributor', 'The contributor.'] },
});
