import { keccak256, type Signer, toUtf8Bytes, verifyMessage } from 'ethers';
import { z } from 'zod';
import { canonicalJson } from './canonical-json.ts';
import { address, bytes32, decimal, integer, method, natural, ppm, version } from './fields.ts';
import type { Hex } from './hex.ts';

const signature = z
  .string()
  .regex(/^0x([0-9a-f]{2})+$/, 'must be bytes in lower-case hex')
  .max(4_098, 'must have at most 2,048 bytes')
  .transform((value) => value as Hex);

/** The contributions of one receipt: bounded, so that a batch's evidence stays small enough to check. */
const maxTop = 256;

/** What one kind of evidence found. */
const found = z.strictObject({
  /** The K contributions with most of it, best first, equal ones by id; scores are whole numbers above 0 in the kind's own unit. */
  top: z.array(z.strictObject({ contributionId: natural, score: integer })).max(maxTop),
  /** Score of the K-th, 0 where there is none: any contribution left out that scores above it proves the receipt wrong. */
  kthScore: integer,
  /** Sum of all scores, of those beyond the K-th as well. */
  scoreSum: natural,
});

const unsigned = z.strictObject({
  schema: z.literal('openledger.receipt/1'),
  chainId: natural,
  escrow: address,
  requestId: bytes32,
  worker: address,
  modelId: natural,
  modelVersion: version,
  /** Base model's, adapter's and tokenizer's files, and the runtime that computed with them. */
  modelHash: bytes32,
  adapterHash: bytes32,
  tokenizerHash: bytes32,
  runtimeHash: bytes32,
  /** Of the version's training record, as on chain, and of its attribution card. */
  manifestHash: bytes32,
  cardHash: bytes32,
  /** Merkle roots of the datanet versions trained on, of the stored gradients, and of the suffix array. */
  datasetRoot: bytes32,
  gradientStoreRoot: bytes32,
  suffixArrayRoot: bytes32,
  /** Of the prompt and the answer, which themselves never leave the worker. */
  promptHash: bytes32,
  outputHash: bytes32,
  /** What draws by lot are derived from: from a receipt's own request id, so that nobody chooses it. */
  seed: bytes32,
  /** The damping of the influence scores, as a part of the mean diagonal. */
  damping: decimal,
  method,
  algorithmId: bytes32,
  /** Of the canonical JSON of what the numbers below are recomputed from. */
  evidenceHash: bytes32,
  /** By kind, those that this answer has. */
  evidence: z.strictObject({ influence: found.optional(), spans: found.optional(), retrieval: found.optional() }),
  /** Parts per million of the contributors' part, ascending by contribution, each above 0. */
  shares: z.array(z.strictObject({ contributionId: natural, ppm })).max(64),
  /** Parts per million that no evidence supports; with the shares exactly 1,000,000. */
  unattributedPpm: ppm,
});

/** What the worker says before it signs. */
export const unsignedReceiptSchema = unsigned.superRefine(checkOrder);

/** Everything a stranger needs to re-compute which contributions one answer drew on. JSON; no prompt, no personal data. */
export const receiptSchema = unsigned.extend({ signature }).superRefine(checkOrder);

export type UnsignedReceipt = z.output<typeof unsignedReceiptSchema>;
export type Receipt = z.output<typeof receiptSchema>;

/** A receipt that is not of this schema. The message names each field that is wrong. */
export class ReceiptError extends Error {
  override readonly name = 'ReceiptError';
}

/**
 * Reads a receipt from its JSON text.
 * @param source named in the error. @throws ReceiptError
 */
export function parseReceipt(text: string, source = 'receipt'): Receipt {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ReceiptError(`${source}: is not JSON.`, { cause });
  }
  const parsed = receiptSchema.safeParse(json);
  if (!parsed.success) throw new ReceiptError(`${source}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Leaf of the batch's Merkle root: keccak256 of the signed receipt's canonical JSON in UTF-8. */
export function receiptHash(receipt: Receipt): Hex {
  return keccak256(toUtf8Bytes(canonicalJson(receipt))) as Hex;
}

/** The receipt with the worker's signature (EIP-191) over keccak256 of its unsigned canonical JSON. */
export async function signReceipt(worker: Signer, receipt: UnsignedReceipt): Promise<Receipt> {
  const said = unsignedReceiptSchema.parse(receipt);
  return { ...said, signature: (await worker.signMessage(signedBytes(said))) as Hex };
}

/** Whether the receipt's worker signed it. For workers with a key; a contract wallet's signature is for it to check. */
export function verifyReceiptSignature({ signature, ...said }: Receipt): boolean {
  try {
    return verifyMessage(signedBytes(said), signature).toLowerCase() === said.worker;
  } catch {
    return false;
  }
}

function signedBytes(said: UnsignedReceipt): Uint8Array {
  return Buffer.from(keccak256(toUtf8Bytes(canonicalJson(said))).slice(2), 'hex');
}

function checkOrder({ evidence, shares, unattributedPpm }: z.output<typeof unsigned>, context: z.RefinementCtx): void {
  const refuse = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
  for (const [kind, of] of Object.entries(evidence)) {
    if (of === undefined) continue;
    const { top, kthScore } = of;
    const path = ['evidence', kind];
    top.forEach((entry, place) => {
      if (BigInt(entry.score) <= 0n) refuse([...path, 'top', place, 'score'], 'must be above 0');
      const before = top[place - 1];
      if (before === undefined) return;
      const rise = BigInt(entry.score) - BigInt(before.score);
      const inOrder = rise < 0n || (rise === 0n && BigInt(entry.contributionId) > BigInt(before.contributionId));
      if (!inOrder) refuse([...path, 'top', place], 'must come after better scores, equal scores by contribution id');
    });
    if (new Set(top.map(({ contributionId }) => contributionId)).size !== top.length) {
      refuse([...path, 'top'], 'must hold each contribution once');
    }
    const last = top.at(-1)?.score ?? '0';
    if (last !== kthScore) refuse([...path, 'kthScore'], `must be the last score of top, ${last}`);
  }
  shares.forEach((share, place) => {
    if (share.ppm === 0) refuse(['shares', place, 'ppm'], 'must be above 0');
    const before = shares[place - 1];
    if (before !== undefined && BigInt(before.contributionId) >= BigInt(share.contributionId)) {
      refuse(['shares', place], 'must come in ascending order of contributions, each once');
    }
  });
  const sum = shares.reduce((all, share) => all + share.ppm, unattributedPpm);
  if (sum !== 1_000_000) refuse(['shares'], `must come to 1,000,000 with unattributedPpm, not ${sum}`);
}
