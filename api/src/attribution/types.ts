import { address, bigint, bool, bytes32, enumOf, int, provenance, text, time } from '../schema/columns.ts';
import { entity } from '../schema/entity.ts';

const batchStatus = enumOf('AttributionBatchStatus', 'Where a batch stands.', {
  posted: 'It can be challenged.',
  finalized: 'It pays.',
  revoked: 'A dispute took it back: it pays nothing.',
});
const attributionStatus = enumOf('AttributionStatus', 'Whether an attribution pays.', {
  posted: 'Its batch can be challenged.',
  final: 'It pays.',
  revoked: 'Its batch was revoked: it pays nothing.',
});

entity('algorithm', {
  name: 'Algorithm',
  description: 'A way to measure which contributions shaped an answer, as governance allowed it.',
  columns: {
    id: bytes32('Its id on chain.', 'algorithmId'),
    active: bool('Whether batches may use it now.'),
    uri: text('Where its description is.'),
    uriHash: bytes32('keccak256 of that description.'),
    ...provenance,
  },
  many: { batchRows: ['batches', 'Batches measured with it.'] },
});

entity('attributionBatch', {
  name: 'AttributionBatch',
  description: 'A worker’s attributions for some answers; final once its challenge window has passed.',
  columns: {
    id: bigint('Its number on chain.', 'batchId'),
    worker: address('Who posted it.', 'workerAddress'),
    algorithmId: bytes32('How it was measured.'),
    root: bytes32('Merkle root over the receipts’ hashes.'),
    evidenceHash: bytes32('keccak256 of the evidence.'),
    uri: text('Where the evidence is.'),
    requests: int('How many answers it attributes.', 'requestCount'),
    challengeDeadline: time('Until when it can be challenged.'),
    status: batchStatus('Where it stands.'),
    attributed: bigint('Wei of OPEN it gives to contributions.'),
    unattributed: bigint('Wei of OPEN that no evidence supported.'),
    disputeId: bigint('The dispute that revoked it.'),
    closedAt: time('When it became final or was revoked.'),
    ...provenance,
  },
  one: {
    workerRow: ['worker', 'Who posted it.'],
    algorithmRow: ['algorithm', 'How it was measured.'],
    disputeRow: ['dispute', 'The dispute that revoked it.'],
  },
  many: {
    requestRows: ['requests', 'How the fee of each answer in it was divided, also after it was revoked.'],
    inferenceRows: ['inferences', 'The answers whose present attribution is in it.'],
    attributionRows: ['attributions', 'What it gives to which contribution.'],
    disputeRows: ['disputes', 'Disputes about it.'],
  },
});

entity('attributionRequest', {
  name: 'AttributionRequest',
  description:
    'One answer inside one batch: how its contributors’ fee was divided. It outlives the batch’s revocation.',
  columns: {
    batchId: bigint('The batch’s number on chain.'),
    requestId: bytes32('The answer’s request.'),
    modelId: bigint('The model’s number on chain.'),
    contributions: int('How many contributions share in it.', 'contributionCount'),
    attributed: bigint('Wei of OPEN it gives to contributions.'),
    unattributed: bigint('Wei of OPEN that no evidence supported.'),
    status: attributionStatus('Whether it pays.'),
    ...provenance,
  },
  one: {
    batchRow: ['batch', 'The batch it is in.'],
    inferenceRow: ['inference', 'The answer.'],
    modelRow: ['model', 'The model that answered.'],
  },
  many: { attributionRows: ['attributions', 'What it gives to which contribution.'] },
});

entity('attribution', {
  name: 'Attribution',
  description: 'One contribution’s part in one answer; it pays once its batch is final.',
  columns: {
    batchId: bigint('The batch’s number on chain.'),
    requestId: bytes32('The answer’s request.'),
    contributionId: bigint('The contribution’s number on chain.'),
    modelId: bigint('The model’s number on chain.'),
    datanetId: bigint('The datanet’s number on chain.'),
    contributor: address('Who gave the contribution.', 'contributorAddress'),
    amount: bigint('Wei of OPEN it gives.'),
    sharePpm: int('Its share of the contributors’ fee of the answer: parts per million, rounded down.'),
    status: attributionStatus('Whether it pays.'),
    ...provenance,
  },
  one: {
    batchRow: ['batch', 'The batch it is in.'],
    inferenceRow: ['inference', 'The answer.'],
    contributionRow: ['contribution', 'The contribution.'],
    modelRow: ['model', 'The model that answered.'],
    datanetRow: ['datanet', 'The contribution’s datanet.'],
    contributorRow: ['contributor', 'Who gave the contribution.'],
  },
});
