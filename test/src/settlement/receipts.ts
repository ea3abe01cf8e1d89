import { receipt as receiptTable } from '@openledger/db/app';
import { canonicalJson, type Hex, type Receipt, receiptHash, signReceipt } from '@openledger/protocol';
import { algorithmId, type Evidence, startingAlgorithm } from '@openledger/protocol/attribution';
import { id, keccak256, toUtf8Bytes, Wallet } from 'ethers';
import type { Ground } from './ground.ts';

export const algorithm = algorithmId(startingAlgorithm);

/** Parts per million by contribution. */
export type Shares = readonly (readonly [contributionId: number, ppm: number])[];

/** Draws from `Math.random` of three contributions, so that amounts are never round. */
export const randomShares = (): Shares => {
  const shares: [number, number][] = [];
  let left = 1_000_000;
  for (const contributionId of [1, 2, 3]) {
    const ppm = Math.floor(Math.random() * left);
    if (ppm > 0) shares.push([contributionId, ppm]);
    left -= ppm;
  }
  return shares;
};

/** Signs receipts that say what recorded answers drew on, and keeps them as the worker's attributor does. */
export const keepReceipts = async (
  { db, sql, place, worker }: Ground,
  requestIds: readonly Hex[],
  sharesOf: (at: number) => Shares = randomShares,
): Promise<readonly Receipt[]> => {
  const signer = new Wallet(place.key);
  const records = await sql<{ requestId: Hex; promptHash: Hex; outputHash: Hex }[]>`
    select request_id as "requestId", prompt_hash as "promptHash", output_hash as "outputHash"
    from app.inference_record where request_id = any(${[...requestIds]})`;
  const known = new Map(records.map((record) => [record.requestId, record]));
  const receipts: Receipt[] = [];
  const rows: (typeof receiptTable.$inferInsert)[] = [];
  for (const [at, requestId] of requestIds.entries()) {
    const evidence: Evidence = { schema: 'openledger.evidence/1', requestId, answerTokens: 20, spans: [] };
    const text = canonicalJson(evidence);
    const shares = sharesOf(at);
    const said = await signReceipt(signer, {
      schema: 'openledger.receipt/1',
      ...{ chainId: place.chainId, escrow: place.escrow, requestId, worker, modelId: '1', modelVersion: 1 },
      ...{ modelHash: hash('model'), adapterHash: hash('adapter'), tokenizerHash: hash('tokenizer') },
      ...{ runtimeHash: hash('runtime'), manifestHash: hash('manifest'), cardHash: hash('card') },
      ...{ datasetRoot: hash('data'), gradientStoreRoot: hash('gradients'), suffixArrayRoot: hash('suffixes') },
      ...{ promptHash: known.get(requestId)!.promptHash, outputHash: known.get(requestId)!.outputHash },
      ...{ seed: requestId, damping: '0.1', method: startingAlgorithm.influence.method, algorithmId: algorithm },
      ...{ evidenceHash: keccak256(toUtf8Bytes(text)) as Hex, evidence: {} },
      shares: shares.map(([contributionId, ppm]) => ({ contributionId: `${contributionId}`, ppm })),
      unattributedPpm: shares.reduce((rest, [, ppm]) => rest - ppm, 1_000_000),
    });
    rows.push({ requestId, hash: receiptHash(said), body: canonicalJson(said), evidence: text });
    receipts.push(said);
  }
  for (let at = 0; at < rows.length; at += 1_000) await db.insert(receiptTable).values(rows.slice(at, at + 1_000));
  return receipts;
};

const hash = (name: string): Hex => id(name) as Hex;
