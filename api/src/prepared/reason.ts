import type { Hex } from '@openledger/db/chain';
import { pad, stringToHex } from 'viem';
import { badInput } from '../errors.ts';

/** A reason as the chain keeps it: short text in 32 bytes, zeros for none. @throws BAD_USER_INPUT for a longer one */
export function reasonOf(place: string, reason: string | null | undefined): Hex {
  const bytes = Buffer.byteLength(reason ?? '');
  if (bytes > 31) throw badInput(`${place}: reason has ${bytes} bytes: expected 31 at most.`);
  return pad(stringToHex(reason ?? ''), { dir: 'right', size: 32 });
}
