import { decodeBytes32String, encodeBytes32String } from 'ethers';
import type { Hex } from './hex.ts';

/**
 * The reasons that the contracts themselves give for a rejected or revoked contribution (`ContributionRejected.reason`,
 * `ContributionRevoked.reason`): short text in 32 bytes. An owner or contributor may give any other.
 */
export const contributionReasons = {
  SCORE_BELOW_THRESHOLD: encodeBytes32String('SCORE_BELOW_THRESHOLD') as Hex,
  DISPUTE_UPHELD: encodeBytes32String('DISPUTE_UPHELD') as Hex,
} as const;

/**
 * The text of a reason; undefined when its bytes are none (a hash, or nothing at all).
 * @example reasonText(contributionReasons.DISPUTE_UPHELD) // 'DISPUTE_UPHELD'
 */
export function reasonText(reason: string): string | undefined {
  try {
    const text = decodeBytes32String(reason);
    return /^[\p{L}\p{N}\p{P}\p{S} ]+$/u.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}
