import type { Hex } from '@openledger/protocol';
import { z } from 'zod';
import { invalid } from '../door/apiError.ts';
import type { SignedVoucher } from './signedVoucher.ts';

/** The header in which a voucher comes: base64url of its JSON. */
export const VOUCHER = 'OpenLedger-Voucher';

/** Characters; a signature has at most 2,048 bytes. */
const LONGEST = 8_192;

const address = z
  .string('must be an address')
  .regex(/^0x[0-9a-fA-F]{40}$/, 'must be an address: 0x and 40 hex digits')
  .transform((text) => text.toLowerCase() as Hex);

const natural = (bits: number) =>
  z
    .string('must be decimal digits in a text')
    .regex(/^(0|[1-9]\d{0,77})$/, 'must be decimal digits without leading zeros')
    .transform(BigInt)
    .refine((value) => value < 1n << BigInt(bits), `must be less than 2^${bits}`);

/** Unix seconds of the year 10000: what databases and calendars still hold. */
const END_OF_TIME = 253_402_300_800n;

const schema = z.strictObject({
  payer: address,
  worker: address,
  cumulativeAmount: natural(256),
  expiry: natural(64).refine((value) => value < END_OF_TIME, 'must be before the year 10000'),
  signature: z
    .string('must be the signature')
    .regex(/^0x([0-9a-fA-F]{2})+$/, 'must be bytes in hex')
    .max(4_098, 'must have at most 2,048 bytes')
    .transform((text) => text.toLowerCase() as Hex),
});

/** Reads a voucher from its header; its signature is not checked. @throws ApiError (400) saying what is wrong in it. */
export const readVoucher = (header: string): SignedVoucher => {
  const wrong = (why: string) => invalid(`The header ${VOUCHER} ${why}.`, VOUCHER, 'malformed_voucher');
  if (header.length > LONGEST) throw wrong(`has ${header.length} characters; at most ${LONGEST} are read`);
  let json: unknown;
  try {
    if (!/^[A-Za-z0-9_-]+={0,2}$/.test(header)) throw new SyntaxError('no base64url');
    json = JSON.parse(Buffer.from(header, 'base64url').toString());
  } catch {
    throw wrong('must be base64url of JSON: {"payer", "worker", "cumulativeAmount", "expiry", "signature"}');
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw wrong(`is not right: ${[...path.map(String), message].join(' ')}`);
};

/** The header of a voucher, as clients send it. */
export const writeVoucher = ({ payer, worker, cumulativeAmount, expiry, signature }: SignedVoucher): string =>
  Buffer.from(
    JSON.stringify({ payer, worker, cumulativeAmount: `${cumulativeAmount}`, expiry: `${expiry}`, signature }),
  ).toString('base64url');
