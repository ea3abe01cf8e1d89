import type { Dice } from './dice.ts';

/** What goes wrong with a whole HTTP request, whatever is asked. */
export const transportFaults = ['status', 'drop', 'garble', 'slow', 'hang', 'throttle'] as const;
/** What goes wrong with one call, alone or in a batch. */
export const callFaults = ['internal', 'limit'] as const;
/** What goes wrong with answers that are long lists: logs and receipts. */
export const listFaults = ['cap', 'truncate'] as const;

/**
 * `status`: 500, 502 or 503. `drop`: the connection ends, before or after the chain was asked. `garble`: half a JSON
 * text. `slow`: an answer after up to two seconds. `hang`: none while the provider runs. `throttle`: 429, with or without
 * Retry-After. `internal`: JSON-RPC's -32603. `limit`: -32005, the rate limit as JSON-RPC has it. `cap`: a refusal of
 * ranges of logs that are too large or hold too much. `truncate`: a prefix of the list, as if it were all.
 */
export type FaultKind = (typeof transportFaults | typeof callFaults | typeof listFaults)[number];
export const faultKinds: readonly FaultKind[] = [...transportFaults, ...callFaults, ...listFaults];

/** How often each kind happens, from 0 to 1; those of one list together at most 1. */
export type FaultRates = { readonly [kind in FaultKind]?: number };

/** At most one of some kinds, by one throw: how many kinds are switched on never shifts the throws after it. */
export function drawFault<kind extends FaultKind>(
  dice: Dice,
  kinds: readonly kind[],
  rates: FaultRates,
): kind | undefined {
  const thrown = dice.next();
  let reached = 0;
  return kinds.find((kind) => {
    reached += rates[kind] ?? 0;
    return thrown < reached;
  });
}
