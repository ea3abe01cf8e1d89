import { explanationField } from '../explained/inference-field.ts';
import {
  address,
  bigint,
  bytes32,
  enumOf,
  eventId,
  eventProvenance,
  int,
  provenance,
  timeOrNone,
} from '../schema/columns.ts';
import { entity } from '../schema/entity.ts';
import { receiptField } from './receipt.ts';

const attributionStatus = enumOf('InferenceAttributionStatus', 'Where the attribution of an answer stands.', {
  none: 'Not attributed yet.',
  posted: 'In a batch that can still be challenged.',
  final: 'In a final batch: it pays.',
});

entity('escrowAccount', {
  name: 'EscrowAccount',
  description: 'What an account holds in the escrow: paid in to spend, and earned. Wei of OPEN.',
  columns: {
    account: address('The account.', 'accountAddress'),
    balance: bigint('What it can still spend.'),
    deposited: bigint('What it ever paid in.'),
    spent: bigint('What it paid for answers.'),
    withdrawn: bigint('What it took out again.'),
    pendingWithdrawal: bigint('What it asked to take out.'),
    withdrawableAt: timeOrNone('When it can take that out; null while it asked for nothing.'),
    earned: bigint('What it earned as treasury, model owner or worker’s operator.'),
    earningsWithdrawn: bigint('What it took out of its earnings.'),
    ...provenance,
  },
  one: { accountRow: ['account', 'The account.'] },
});

entity('inference', {
  name: 'Inference',
  description:
    'A settled answer: who paid whom for what, how the fee was split, and where its attribution stands. Wei of OPEN.',
  columns: {
    requestId: bytes32('The id of the request.'),
    eventId: eventId('The 75-digit id of its settlement; sorts as the chain does.'),
    modelId: bigint('The model’s number on chain.'),
    worker: address('Who answered.', 'workerAddress'),
    payer: address('Who paid.', 'payerAddress'),
    version: int('The model’s version.'),
    inTokens: bigint('Prompt tokens.', 'inputTokens'),
    outTokens: bigint('Generated tokens.', 'outputTokens'),
    fee: bigint('The whole fee.'),
    outputHash: bytes32('keccak256 of the answer.'),
    platformFee: bigint('The treasury’s part of the fee.'),
    modelFee: bigint('The model owner’s part of the fee.'),
    workerFee: bigint('The worker operator’s part of the fee.'),
    stakersFee: bigint('The stakers’ part of the fee.'),
    contributorsFee: bigint('The contributors’ part of the fee.'),
    attributionStatus: attributionStatus('Where its attribution stands.'),
    batchId: bigint('The attribution batch it is in.'),
    unattributed: bigint('The part of the contributors’ fee that no evidence supported, once posted.'),
    ...provenance,
  },
  one: {
    modelRow: ['model', 'The model.'],
    modelVersionRow: ['modelVersion', 'The model’s version.'],
    workerRow: ['worker', 'Who answered.'],
    payerRow: ['payer', 'Who paid.'],
    batchRow: ['batch', 'The attribution batch it is in.'],
  },
  many: {
    requestRows: ['attributionRequests', 'Every batch that attributed it, revoked ones included.'],
    attributionRows: ['attributions', 'Which contributions shaped it, and what each gets.'],
  },
  fields: (t) => ({ ...receiptField(t), ...explanationField(t) }),
});

entity('feeSplit', {
  name: 'FeeSplit',
  description: 'How fees are split from an event on, in basis points that sum to 10,000.',
  columns: {
    ...eventProvenance,
    platformBps: int('The treasury’s basis points.'),
    modelBps: int('The model owner’s basis points.'),
    workerBps: int('The worker operator’s basis points.'),
    stakersBps: int('The stakers’ basis points.'),
    contributorsBps: int('The contributors’ basis points.'),
  },
});
