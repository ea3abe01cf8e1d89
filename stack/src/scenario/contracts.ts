import { type ContractName, contractAbis } from '@openledger/protocol/abi';
import type { Manifest } from '@openledger/protocol/deploy';
import { Interface, type InterfaceAbi, type Result } from 'ethers';

/** An event of the protocol, where and when it happened. */
export type Occurrence = {
  readonly contract: ContractName;
  readonly address: string;
  readonly event: string;
  readonly args: Result;
  readonly block: number;
  /** Unix seconds of its block. */
  readonly time: number;
  readonly transaction: string;
};

export type RawLog = {
  address: string;
  topics: string[];
  data: string;
  blockNumber: string;
  transactionHash: string;
};

/** The deployed contracts as the scenario speaks to them. */
export type Contracts = {
  readonly manifest: Manifest;
  readonly addresses: readonly string[];
  at(contract: Exclude<ContractName, 'LinearVesting' | 'CliffVesting'>): `0x${string}`;
  /** Calldata of a function. @throws TypeError when the function or its arguments do not exist so. */
  encode(contract: ContractName, name: string, args: readonly unknown[]): string;
  decodeResult(contract: ContractName, name: string, data: string): Result;
  /** A log as an event of the protocol; undefined for anything else. */
  read(log: RawLog, time: number): Occurrence | undefined;
  /** A revert's data as the error it is, for example "DuplicateContent(1, 0x…, 4)". */
  explain(data: string): string | undefined;
};

export function createContracts(manifest: Manifest): Contracts {
  const interfaces = Object.fromEntries(
    Object.entries(contractAbis).map(([name, abi]) => [name, new Interface(abi as unknown as InterfaceAbi)]),
  ) as Record<ContractName, Interface>;
  const byAddress = new Map<string, ContractName>(
    Object.entries(manifest.contracts).map(([name, address]) => [address.toLowerCase(), name as ContractName]),
  );
  for (const { address, cliff, start } of manifest.vesting) {
    byAddress.set(address.toLowerCase(), cliff > start ? 'CliffVesting' : 'LinearVesting');
  }
  return {
    manifest,
    addresses: [...byAddress.keys()],
    at: (contract) => manifest.contracts[contract],
    encode: (contract, name, args) => interfaces[contract].encodeFunctionData(name, args),
    decodeResult: (contract, name, data) => interfaces[contract].decodeFunctionResult(name, data),
    read(log, time) {
      const contract = byAddress.get(log.address.toLowerCase());
      if (contract === undefined) return undefined;
      const parsed = interfaces[contract].parseLog(log);
      if (parsed === null) return undefined;
      return {
        contract,
        address: log.address.toLowerCase(),
        event: parsed.name,
        args: parsed.args,
        block: Number(log.blockNumber),
        time,
        transaction: log.transactionHash,
      };
    },
    explain(data) {
      for (const each of Object.values(interfaces)) {
        const error = data.length >= 10 ? each.parseError(data) : null;
        if (error !== null) return `${error.name}(${error.args.join(', ')})`;
      }
      return undefined;
    },
  };
}
