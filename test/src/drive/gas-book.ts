import type { ContractName } from '@openledger/protocol/abi';

/** One way of calling one function. */
export type GasCall = {
  readonly contract: ContractName;
  /** As in the ABI, e.g. `claim(address,uint256,bytes32[])`. */
  readonly signature: string;
  /** What sets this use apart; empty for the plain one. */
  readonly when: string;
  /** Answers, contributions, … carried by one call. */
  readonly items?: number | undefined;
};

export type GasSamples = GasCall & { readonly samples: readonly bigint[] };

/** Gas used by each call so far, by `Contract.signature` and condition. */
export type GasBook = Map<string, GasSamples>;

export function recordGas(book: GasBook, call: GasCall, gasUsed: bigint): void {
  const key = gasKey(call);
  book.set(key, { ...call, samples: [...(book.get(key)?.samples ?? []), gasUsed] });
}

export function gasKey({ contract, signature, when }: GasCall): string {
  return when === '' ? `${contract}.${signature}` : `${contract}.${signature} — ${when}`;
}
