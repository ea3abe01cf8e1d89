import { type Database, putContents } from '@openledger/db';
import { answerEvidence, answerPart, attributionTask, inferenceRecord, receipt } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { canonicalJson, type Receipt, receiptHash, signReceipt } from '@openledger/protocol';
import { algorithmId, type Card, type Evidence, startingAlgorithm } from '@openledger/protocol/attribution';
import { keccak256, id as keccakOf, toUtf8Bytes } from 'ethers';
import { CHAIN_ID, hash } from '../world.ts';
import { answers, FINAL_ANSWERS, requestOf, sentences, textOf } from './answers.ts';
import { at, contract, OPEN, people, workerWallet } from './base.ts';

const { hana, worker } = people;

/** A signed receipt that is not on chain yet, and an answer that still waits for one. */
export const ESTIMATED = 4;
export const WAITING = 5;

const evidenceOf = (n: number): Evidence => ({
  schema: 'openledger.evidence/1',
  requestId: requestOf(n),
  answerTokens: 20,
  spans: [],
});

/** Whose the answers are by their receipts: those on chain, and half of one more. */
const partsOf = (n: number): readonly (readonly [number, bigint])[] =>
  answers[n]?.parts ?? [
    [1, 280n],
    [2, 70n],
  ];

const receiptOf = (n: number): Promise<Receipt> => {
  const parts = [...partsOf(n)].sort(([a], [b]) => a - b);
  const shares = parts.map(([id, part]) => ({ contributionId: `${id}`, ppm: Math.floor((Number(part) * 1e6) / 700) }));
  const top = [...parts]
    .sort(([a, one], [b, other]) => Number(other - one) || a - b)
    .map(([id, part]) => ({ contributionId: `${id}`, score: `${part * 1000n}` }));
  const scoreSum = `${parts.reduce((sum, [, part]) => sum + part * 1000n, 0n)}`;
  return signReceipt(workerWallet, {
    schema: 'openledger.receipt/1',
    chainId: `${CHAIN_ID}`,
    escrow: contract('InferenceEscrow'),
    requestId: requestOf(n),
    worker,
    modelId: '1',
    modelVersion: 2,
    modelHash: keccakOf('base file') as Hex,
    adapterHash: keccakOf('adapter 2') as Hex,
    tokenizerHash: keccakOf('tokenizer') as Hex,
    runtimeHash: keccakOf('runtime') as Hex,
    manifestHash: keccakOf('manifest 2') as Hex,
    cardHash: cardHash(),
    datasetRoot: keccakOf('dataset') as Hex,
    gradientStoreRoot: keccakOf('gradients') as Hex,
    suffixArrayRoot: keccakOf('suffixes') as Hex,
    promptHash: keccakOf(`prompt ${n}`) as Hex,
    outputHash: keccakOf(textOf(n)) as Hex,
    seed: keccakOf(`seed ${n}`) as Hex,
    damping: '0.1',
    method: startingAlgorithm.influence.method,
    algorithmId: algorithmId(startingAlgorithm),
    evidenceHash: keccak256(toUtf8Bytes(canonicalJson(evidenceOf(n)))) as Hex,
    evidence: { influence: { top, kthScore: top.at(-1)!.score, scoreSum } },
    shares,
    unattributedPpm: shares.reduce((rest, { ppm }) => rest - ppm, 1_000_000),
  });
};

/** Of version 2: what its evaluation on chain names. */
export const card: Card = {
  schema: 'openledger.attribution-card/1',
  modelId: '1',
  version: 2,
  adapterHash: keccakOf('adapter 2') as Hex,
  gradientStoreRoot: keccakOf('gradients') as Hex,
  damping: '0.1',
  figures: [
    { method: 'whitened-projected-influence', lds: 523_000, low: 471_000, high: 574_000 },
    { method: 'bm25', lds: 218_000, low: 160_000, high: 275_000 },
    { method: 'random', lds: 4_000, low: -52_000, high: 61_000 },
  ],
  subsets: { count: 40, part: 500_000, seeds: 2 },
  queries: { chosenOn: 20, measuredOn: 20 },
  cost: { seconds: 95, rowsPerSecond: 210, bytesPerRow: 528 },
};
export const cardHash = (): Hex => keccak256(toUtf8Bytes(canonicalJson(card))) as Hex;

/** Records, receipts and what sentences drew on, for answers of the community. */
export const seedExplained = async (db: Database): Promise<void> => {
  const genesisHash = hash(0);
  await putContents(db, [{ mediaType: 'application/json', body: toUtf8Bytes(canonicalJson(card)) }]);
  for (const n of sentences.keys()) {
    const endedAt = new Date(Number(at(answers[n]?.block ?? 139_000 + n)) * 1000);
    await db.insert(inferenceRecord).values({
      ...{ requestId: requestOf(n), genesisHash, worker, payer: hana, modelId: 1n, modelVersion: 2 },
      ...{ state: 'answered' as const, finishReason: 'stop', promptHash: keccakOf(`prompt ${n}`) as Hex },
      ...{ adapterHash: keccakOf('adapter 2') as Hex, outputHash: keccakOf(textOf(n)) as Hex, fee: OPEN * 2n },
      ...{ inTokens: Number(answers[n]?.inTokens ?? 30n), outTokens: Number(answers[n]?.outTokens ?? 40n) },
      ...{ startedAt: new Date(endedAt.getTime() - 2_000), endedAt },
    });
    if (n === WAITING) {
      const createdAt = endedAt;
      await db.insert(attributionTask).values({ requestId: requestOf(n), sealed: Buffer.of(1), createdAt });
      continue;
    }
    const signed = await receiptOf(n);
    await db.insert(receipt).values({
      ...{ requestId: requestOf(n), hash: receiptHash(signed), body: canonicalJson(signed), createdAt: endedAt },
      ...{ evidence: canonicalJson(evidenceOf(n)), batchId: n === ESTIMATED ? null : n < FINAL_ANSWERS ? 1n : 2n },
    });
    await seedParts(db, n);
  }
};

const seedParts = async (db: Database, n: number): Promise<void> => {
  const requestId = requestOf(n);
  let from = 0;
  const lengths = [textOf(n).length, ...sentences[n]!.map(({ length }) => length)];
  for (const [place, length] of lengths.entries()) {
    await db.insert(answerPart).values({ requestId, place, from, until: from + length });
    if (place > 0) from += length;
    // The whole draws on all, a sentence on one.
    const parts = place === 0 ? partsOf(n) : [partsOf(n)[(place - 1) % partsOf(n).length]!];
    const sum = parts.reduce((all, [, part]) => all + part, 0n);
    await db.insert(answerEvidence).values(
      parts.map(([id, part]) => ({
        ...{ requestId, place, kind: 'influence' as const, contributionId: BigInt(id) },
        weightPpm: Number((part * 1_000_000n) / sum),
      })),
    );
  }
};
