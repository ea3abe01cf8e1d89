import { type ContractName, contractAbis } from '@openledger/protocol/abi';
import { type BigNumberish, Interface, type InterfaceAbi } from 'ethers';

/** Encodes and decodes the calls, events and errors of each contract. */
export const interfaces = Object.fromEntries(
  Object.entries(contractAbis).map(([name, abi]) => [name, new Interface(abi as unknown as InterfaceAbi)]),
) as Record<ContractName, Interface>;

/** A call as people write it, e.g. `Open.burn(5)`; undefined when the calldata is none of the contract's functions. */
export function describeCall(contract: ContractName, data: string): string | undefined {
  const call = interfaces[contract].parseTransaction({ data });
  return call === null ? undefined : `${contract}.${call.name}(${call.args.map(show).join(', ')})`;
}

/** A custom error of any of the contracts, by name; unknown errors as they came. */
export function readError(data: string | undefined): string | undefined {
  if (!data) return undefined;
  for (const coder of Object.values(interfaces)) {
    const error = coder.parseError(data);
    if (error) return `${error.name}(${error.args.map(show).join(', ')})`;
  }
  return data;
}

function show(value: BigNumberish | string | readonly unknown[]): string {
  const text = Array.isArray(value) ? `[${value.map(show).join(', ')}]` : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
