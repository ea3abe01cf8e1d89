import canonicalize from 'canonicalize';
import { keccak256, type Signer, toUtf8Bytes, verifyMessage } from 'ethers';
import { z } from 'zod';
import type { Hex } from './hex.ts';

const bytes32 = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/, 'must be 32 bytes in lower-case hex')
  .transform((value) => value as Hex);
const address = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/, 'must be a 20-byte address in lower-case hex')
  .transform((value) => value as Hex);
/** Integers that may pass 2^53 travel as decimal digits: one spelling for each value, so one hash. */
const natural = z.string().regex(/^(0|[1-9]\d{0,77})$/, 'must be decimal digits without leading zeros');
const integer = z.string().regex(/^(0|-?[1-9]\d{0,77})$/, 'must be a decimal integer without leading zeros');
const decimal = z
  .string()
  .regex(/^(0|[1-9]\d{0,77})(\.\d{0,38}[1-9])?$/, 'must be a plain decimal without needless zeros');
const signature = z
  .string()
  .regex(/^0x([0-9a-f]{2})+$/, 'must be bytes in lower-case hex')
  .max(4_098, 'must have at most 2,048 bytes')
  .transform((value) => value as Hex);

/** The contributions of one receipt: bounded, so that a batch's evidence stays small enough to check. */
const maxTop = 256;

const unsigned = z.strictObject({
  schema: z.literal('openledger.receipt/1'),
  chainId: natural,
  escrow: address,
  requestId: bytes32,
  worker: address,
  modelId: natural,
  modelVersion: z
    .int()
    .min(0)
    .max(2 ** 32 - 1),
  /** Base model's, adapter's and tokenizer's files, and the runtime that computed with them. */
  modelHash: bytes32,
  adapterHash: bytes32,
  tokenizerHash: bytes32,
  runtimeHash: bytes32,
  /** Merkle roots of the datanet versions trained on, of the stored gradients, and of the suffix array. */
  datasetRoot: bytes32,
  gradientStoreRoot: bytes32,
  suffixArrayRoot: bytes32,
  /** Of the prompt and the answer, which themselves never leave the worker. */
  promptHash: bytes32,
  outputHash: bytes32,
  seed: natural,
  /** The damping λ of the influence scores. */
  lambda: decimal,
  method: z.strictObject({ name: z.string().min(1).max(64), version: z.string().min(1).max(32) }),
  /** The K most influential contributions, best first, in the method's exact integer score units. */
  top: z.array(z.strictObject({ contributionId: natural, score: integer })).max(maxTop),
  /** Score of the K-th: any contribution left out that scores above it proves the receipt wrong. */
  kthScore: integer,
  /** Sum of all positive scores that the shares were divided by. */
  scoreSum: natural,
  /** Parts per million of the contributors' part that no evidence supports. */
  unattributedPpm: z.int().min(0).max(1_000_000),
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

/** RFC 8785 canonical JSON: the one text of a value, whatever the order its fields were written in. */
export function canonicalJson(value: unknown): string {
  return canonicalize(value)!;
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

function checkOrder({ top, kthScore }: z.output<typeof unsigned>, context: z.RefinementCtx): void {
  const refuse = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
  top.forEach((entry, place) => {
    const before = top[place - 1];
    if (before === undefined) return;
    const rise = BigInt(entry.score) - BigInt(before.score);
    const inOrder = rise < 0n || (rise === 0n && BigInt(entry.contributionId) > BigInt(before.contributionId));
    if (!inOrder) refuse(['top', place], 'must come after better scores, equal scores by contribution id');
  });
  if (new Set(top.map(({ contributionId }) => contributionId)).size !== top.length) {
    refuse(['top'], 'must hold each contribution once');
  }
  const last = top.at(-1);
  if (last !== undefined && last.score !== kthScore)
    refuse(['kthScore'], `must be the last score of top, ${last.score}`);
}
