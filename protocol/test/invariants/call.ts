import type { ContractName } from '../../src/abi/index.ts';

export type Hex = `0x${string}`;

/** Contracts that the fuzz calls. */
export type Target = Exclude<ContractName, 'LinearVesting' | 'CliffVesting' | 'OpenGovernor' | 'TimelockController'>;

/** An argument as the ABI orders it: integers are bigint, structs are arrays of their fields. */
export type Value = bigint | boolean | string | readonly Value[];

/** One transaction of the fuzz. */
export type Call = {
  readonly contract: Target;
  readonly fn: string;
  readonly from: Hex;
  readonly args: readonly Value[];
  /** How the call was made up: by plan, against the rules, as a repetition of an earlier one, or blindly. */
  readonly kind: 'planned' | 'hostile' | 'replayed' | 'blind';
};

/** A movement of OPEN, in wei. */
export type Move = { readonly from: Hex; readonly to: Hex; readonly amount: bigint };

/** An event of the protocol, its arguments by name. */
export type Event = {
  readonly contract: Target;
  readonly name: string;
  readonly args: Readonly<Record<string, Value>>;
};

/** What the chain did with a call. */
export type Outcome = { readonly success: boolean; readonly moves: readonly Move[]; readonly events: readonly Event[] };

/** One line for people: who called what with which arguments. */
export function describeCall(call: Call): string {
  const show = (value: Value): string => {
    if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
    if (typeof value === 'string') return value.length > 74 ? `${value.slice(0, 70)}…` : JSON.stringify(value);
    return String(value);
  };
  return `${call.kind} ${call.from} → ${call.contract}.${call.fn}(${call.args.map(show).join(', ')})`;
}
