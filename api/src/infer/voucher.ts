import type { Hex } from '@openledger/db/chain';
import { badInput } from '../errors.ts';
import { builder } from '../schema/builder.ts';

/** An EIP-712 `Voucher` with its signature. */
export type SignedVoucher = {
  readonly payer: Hex;
  readonly worker: Hex;
  /** Wei of OPEN that the worker may collect of this payer in all, everything so far included. */
  readonly cumulativeAmount: bigint;
  /** Unix seconds. */
  readonly expiry: bigint;
  readonly signature: Hex;
};

/** Bytes of the signature of a contract wallet at most. */
const SIGNATURE_BYTES = 2048;

export const VoucherInput = builder.inputType('VoucherInput', {
  description: 'A signed promise to pay a worker: see voucherIntent for the message to sign.',
  fields: (t) => ({
    worker: t.field({ type: 'Address', required: true, description: 'The worker that may collect.' }),
    cumulativeAmount: t.field({
      type: 'BigInt',
      required: true,
      description: 'Wei of OPEN that it may collect in all, everything collected so far included.',
    }),
    expiry: t.field({ type: 'DateTime', required: true, description: 'Until when it is good.' }),
    signature: t.field({
      type: 'Hex',
      required: true,
      description: 'The account’s signature of it (EIP-712; ERC-1271 for contract wallets).',
    }),
  }),
});

/** @throws BAD_USER_INPUT; whether the signature is right, the worker says */
export function voucherOf(input: typeof VoucherInput.$inferInput, payer: Hex, place: string): SignedVoucher {
  const bytes = (input.signature.length - 2) / 2;
  if (bytes < 1 || bytes > SIGNATURE_BYTES) {
    throw badInput(`${place}: signature has ${bytes} bytes; 1 to ${SIGNATURE_BYTES} are taken.`);
  }
  return { payer, ...input };
}

/** A voucher as a worker takes it in the header `OpenLedger-Voucher`. */
export function voucherHeader({ payer, worker, cumulativeAmount, expiry, signature }: SignedVoucher): string {
  const amounts = { cumulativeAmount: cumulativeAmount.toString(), expiry: expiry.toString() };
  return Buffer.from(JSON.stringify({ payer, worker, ...amounts, signature })).toString('base64url');
}
