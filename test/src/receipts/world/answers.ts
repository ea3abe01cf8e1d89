import { receipt as receiptTable } from '@openledger/db/app';
import { openExtractor } from '@openledger/gpu-worker/attribution/influence';
import { influenceEvidence, receiptOf, seedOf } from '@openledger/gpu-worker/attribution/receipts';
import { spansOf, wordBeginnings } from '@openledger/gpu-worker/attribution/spans';
import { findVersion } from '@openledger/gpu-worker/attribution/version';
import { padExamples } from '@openledger/gpu-worker/factory';
import { canonicalJson, type Hex, receiptHash, signReceipt } from '@openledger/protocol';
import { type Evidence, startingAlgorithm } from '@openledger/protocol/attribution';
import { Wallet } from 'ethers';
import type { Ground } from '../../settlement/ground.ts';
import { answered } from './texts.ts';
import { keccakOfText, type Published } from './version.ts';

/**
 * Receipts for recorded answers, as a worker makes them: the gradient of each answer through the real base and adapter, its
 * passages, shares, signature.
 */
export const attributeAnswers = async (
  ground: Ground,
  { modelId, version, options }: Published,
  requestIds: readonly Hex[],
): Promise<void> => {
  const { db, sql, place, worker } = ground;
  const data = await findVersion(ground, modelId, version);
  const { base, adapter, projection, sequence, tokenizer } = options;
  const separator = tokenizer.special.end!;
  const extractor = await openExtractor(base.model, { adapter, ...projection, sequence, batch: 1, threads: 1 });
  const signer = new Wallet(place.key);
  try {
    for (const [n, requestId] of requestIds.entries()) {
      const { question, answer } = answered(n);
      const prompt = tokenizer.encode(question);
      // The tiny base has no more places.
      const tokens = tokenizer.encode(answer, { withSpecial: false }).slice(0, sequence - prompt.length);
      const rows = padExamples([{ ids: [...prompt, ...tokens], prompt: prompt.length }], { sequence, separator });
      const [gradient] = await extractor.gradientsOf(rows, [0]);
      const begins = wordBeginnings(tokenizer, tokens);
      const settings = startingAlgorithm.spans;
      const evidence: Evidence = {
        schema: 'openledger.evidence/1',
        requestId,
        influence: influenceEvidence(gradient!, data.whitening),
        answerTokens: tokens.length,
        spans: [
          ...spansOf(data.spans, tokens, {
            seed: seedOf(requestId),
            settings,
            beginsWord: (place) => begins[place] === 1,
          }),
        ],
      };
      const outputHash = keccakOfText(tokenizer.decode([...tokens]));
      await sql`update app.inference_record set output_hash = ${outputHash} where request_id = ${requestId}`;
      const request = {
        ...{ chainId: BigInt(place.chainId), escrow: place.escrow, requestId, worker, outputHash },
        promptHash: keccakOfText(question),
      };
      const unsigned = await receiptOf({ version: data, algorithm: startingAlgorithm, request, evidence });
      const signed = await signReceipt(signer, unsigned);
      const kept = { body: canonicalJson(signed), evidence: canonicalJson(evidence) };
      await db.insert(receiptTable).values({ requestId, hash: receiptHash(signed), ...kept });
    }
  } finally {
    await extractor.close();
  }
};
