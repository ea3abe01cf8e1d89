import { z } from 'zod';
import type { Hex } from './hex.ts';

// What documents that are hashed are made of: each value has one spelling, so one hash.

export const bytes32 = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/, 'must be 32 bytes in lower-case hex')
  .transform((value) => value as Hex);
export const address = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/, 'must be a 20-byte address in lower-case hex')
  .transform((value) => value as Hex);
/** Integers that may pass 2^53 travel as decimal digits. */
export const natural = z.string().regex(/^(0|[1-9]\d{0,77})$/, 'must be decimal digits without leading zeros');
export const integer = z.string().regex(/^(0|-?[1-9]\d{0,77})$/, 'must be a decimal integer without leading zeros');
export const decimal = z
  .string()
  .regex(/^(0|[1-9]\d{0,77})(\.\d{0,38}[1-9])?$/, 'must be a plain decimal without needless zeros');
export const ppm = z.int().min(0).max(1_000_000);
export const version = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);
/** How something was computed: a name that stays, and what changes when its numbers change. */
export const method = z.strictObject({ name: z.string().min(1).max(64), version: z.string().min(1).max(32) });
