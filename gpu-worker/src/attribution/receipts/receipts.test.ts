import { type Receipt, signReceipt, unsignedReceiptSchema } from '@openledger/protocol';
import { type Evidence, evidenceSchema, startingAlgorithm } from '@openledger/protocol/attribution';
import { Wallet } from 'ethers';
import { expect, test } from 'vitest';
import { createRandom } from '../../factory/index.ts';
import { openScorer } from '../influence/index.ts';
import { spansOf } from '../spans/index.ts';
import { evidenceScores, influenceEvidence, receiptOf, recheck, seedOf } from './index.ts';
import { account, bytes32, type FixtureRow, versionOf } from './version.fixture.ts';

const random = createRandom(5);
const size = 48;
const vocabSize = 200;
const vector = () => Float64Array.from({ length: size }, () => random.normal());
const text = (length: number) => Array.from({ length }, () => random.below(vocabSize));

const rows: FixtureRow[] = [
  ...Array.from({ length: 40 }, (_, row) => ({
    contributionId: BigInt(1 + Math.floor(row / 4)),
    contributor: account(1 + Math.floor(row / 8)),
    tokens: text(60),
    gradient: vector(),
  })),
  ...Array.from({ length: 20 }, () => ({
    contributionId: 0n,
    contributor: account(0),
    tokens: text(60),
    gradient: vector(),
  })),
];
const version = versionOf(rows, { vocabSize });
const algorithm = startingAlgorithm;
const worker = Wallet.createRandom();
const request = {
  chainId: 31_337n,
  escrow: account(77),
  requestId: bytes32('request'),
  worker: worker.address.toLowerCase() as `0x${string}`,
  promptHash: bytes32('prompt'),
  outputHash: bytes32('output'),
};

/** An answer like rows 2 and 9, with a passage of row 17. */
const answer = [...text(10), ...rows[17]!.tokens.slice(10, 30), ...text(10)];
const gradient = vector().map((value, at) => value + rows[2]!.gradient[at]! * 3 + rows[9]!.gradient[at]! * 2);
const evidence: Evidence = {
  schema: 'openledger.evidence/1',
  requestId: request.requestId,
  influence: influenceEvidence(gradient, version.whitening),
  answerTokens: answer.length,
  spans: [
    ...spansOf(version.spans, answer, {
      seed: seedOf(request.requestId),
      settings: algorithm.spans,
      beginsWord: () => true,
    }),
  ],
  retrieval: {
    method: 'shapley',
    passages: [
      { contributionId: '4', contentHash: bytes32('content 4'), row: 0, value: '2500000' },
      { contributionId: '7', contentHash: bytes32('content 7'), row: 1, value: '-300000' },
    ],
  },
};
const unsigned = await receiptOf({ version, algorithm, request, evidence });
const receipt = await signReceipt(worker, unsigned);

test('a receipt says what the answer drew on: rows like it, passages of others, what it was given', () => {
  expect(evidenceSchema.parse(evidence)).toEqual(evidence);
  expect(unsignedReceiptSchema.parse(unsigned)).toEqual(unsigned);
  const { influence, spans, retrieval } = receipt.evidence;
  expect(influence!.top.slice(0, 2).map(({ contributionId }) => contributionId)).toEqual(['1', '3']);
  expect(spans!.top[0]!.contributionId).toBe('5');
  expect(retrieval!.top).toEqual([{ contributionId: '4', score: '2500000' }]);
  expect(receipt.shares.map(({ contributionId }) => contributionId)).toEqual(
    expect.arrayContaining(['1', '3', '4', '5']),
  );
});

test('the runtime’s scorer gives the same receipt as a plain loop', async () => {
  const scorer = await openScorer(version.store);
  expect(await receiptOf({ version, algorithm, request, evidence, score: scorer.score })).toEqual(unsigned);
  await scorer.close();
});

test('a sentence has the evidence that its own tokens are worth, and all sentences’ spans are the answer’s', async () => {
  const { answerTokens, spans } = evidence;
  const ofSentences = await Promise.all(
    [
      { from: 0, to: 20 },
      { from: 20, to: answer.length },
    ].map((within) => evidenceScores({ answerTokens, spans }, { version, algorithm, within })),
  );
  const sum = ofSentences.reduce((all, { spans: of }) => all + (of?.get(5n) ?? 0n), 0n);
  expect(`${sum}`).toBe(receipt.evidence.spans!.top[0]!.score);
  expect(ofSentences[0]!.spans!.get(5n)).toBeGreaterThan(0n);
  expect(ofSentences[0]!.influence).toBeUndefined();
});

test('what nothing is known of is nobody’s', async () => {
  const nothing: Evidence = {
    schema: 'openledger.evidence/1',
    requestId: request.requestId,
    answerTokens: 0,
    spans: [],
  };
  const said = await receiptOf({ version, algorithm, request, evidence: nothing });
  expect(said).toMatchObject({ evidence: {}, shares: [], unattributedPpm: 1_000_000 });
  expect(unsignedReceiptSchema.parse(said)).toEqual(said);
});

test('a receipt that is as it says has no differences', async () => {
  expect(await recheck({ receipt, evidence, version, algorithm })).toEqual([]);
});

const { influence } = evidence;
const span = evidence.spans[0]!;
const top = unsigned.evidence.influence!.top;
const fieldsOf = async (changed: { receipt?: Partial<Receipt>; evidence?: Partial<Evidence> }) => {
  const said = { receipt: { ...receipt, ...changed.receipt }, evidence: { ...evidence, ...changed.evidence } };
  return (await recheck({ ...said, version, algorithm })).map(({ field }) => field);
};
const inInfluence = (of: Partial<NonNullable<Receipt['evidence']['influence']>>) => ({
  receipt: { evidence: { ...receipt.evidence, influence: { ...receipt.evidence.influence!, ...of } } },
});

test.each([
  ['another model', { receipt: { modelId: '4' } }, 'modelId'],
  ['another adapter', { receipt: { adapterHash: bytes32('x') } }, 'adapterHash'],
  ['another gradient store', { receipt: { gradientStoreRoot: bytes32('x') } }, 'gradientStoreRoot'],
  ['another card', { receipt: { cardHash: bytes32('x') } }, 'cardHash'],
  ['another damping', { receipt: { damping: '0.2' } }, 'damping'],
  ['a seed of choice', { receipt: { seed: bytes32('x') } }, 'seed'],
  ['another algorithm', { receipt: { algorithmId: bytes32('x') } }, 'algorithmId'],
  ['other evidence', { receipt: { evidenceHash: bytes32('x') } }, 'evidenceHash'],
  [
    'a raised score',
    inInfluence({ top: top.with(1, { ...top[1]!, score: `${Number(top[1]!.score) + 1}` }) }),
    'evidence.influence.top.1.score',
  ],
  ['an omitted contribution', inInfluence({ top: top.toSpliced(0, 1) }), 'evidence.influence.top.0.contributionId'],
  [
    'an added contribution',
    inInfluence({ top: [...top, { contributionId: '10', score: '1' }] }),
    `evidence.influence.top.${top.length}`,
  ],
  ['another sum', inInfluence({ scoreSum: '1' }), 'evidence.influence.scoreSum'],
  ['a share moved', { receipt: { shares: receipt.shares.with(0, { ...receipt.shares[0]!, ppm: 1 }) } }, 'shares.0.ppm'],
  ['a kind left out', { receipt: { evidence: { ...receipt.evidence, spans: undefined } } }, 'evidence.spans'],
  ['a rest kept', { receipt: { unattributedPpm: 7 } }, 'unattributedPpm'],
  ['another query', { evidence: { influence: influenceEvidence(vector(), version.whitening) } }, 'evidenceHash'],
  [
    'a norm that makes scores larger',
    { evidence: { influence: { ...influence!, norm: '0x3f50624dd2f1a9fc' } } },
    'evidence: influence.norm',
  ],
  ['a document that has no such passage', { evidence: { spans: [{ ...span, documents: [3] }] } }, 'evidence: spans'],
  ['another frequency', { evidence: { spans: [{ ...span, frequency: 9 }] } }, 'evidence: spans'],
  ['evidence of another request', { evidence: { requestId: bytes32('x') } }, 'evidence: requestId'],
] as const)('%s is found and named', async (_, changed, field) => {
  expect(await fieldsOf(changed as Parameters<typeof fieldsOf>[0])).toContain(field);
});
