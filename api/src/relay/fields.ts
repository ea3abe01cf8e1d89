import type { Hex } from '@openledger/db/chain';
import { z } from 'zod';

/** An unsigned integer of at most `bits` bits: a bigint, or its decimal digits as they lie in Postgres. */
export const uint = (bits: number) =>
  z
    .union([
      z.bigint(),
      z
        .string()
        .regex(/^\d{1,78}$/, 'must be decimal digits')
        .transform(BigInt),
    ])
    .refine((value) => value >= 0n && value < 2n ** BigInt(bits), `must be between 0 and 2^${bits} - 1`);

const hexOf = (pattern: RegExp, message: string) =>
  z
    .string()
    .regex(pattern, message)
    .transform((text) => text.toLowerCase() as Hex);

export const address = hexOf(/^0x[0-9a-fA-F]{40}$/, 'must be an address: 0x and 40 hex digits');
export const bytes32 = hexOf(/^0x[0-9a-fA-F]{64}$/, 'must be 0x and 64 hex digits');
/** 32 KiB at most: a contract wallet's signature may be long, and each byte is paid for. */
export const signature = hexOf(/^0x([0-9a-fA-F]{2}){1,32768}$/, 'must be 0x and an even number of hex digits');
