import type { Hex } from '@openledger/db/chain';
import { contractAbis } from '@openledger/protocol/abi';
import { BaseError, decodeFunctionResult, encodeFunctionData, type PublicClient } from 'viem';
import type { Deployment } from '../contracts.ts';
import { userError } from '../errors.ts';
import { type Refusal, refusalOf } from './refusal.ts';

/** A contract of the protocol that stands once. */
export type ContractName = Exclude<keyof typeof contractAbis, 'LinearVesting' | 'CliffVesting'>;

/** A call as a wallet would send it. `value`: wei of the chain's coin. */
export type Call = { readonly from?: Hex; readonly to: Hex; readonly data: Hex; readonly value?: bigint };

/** What would become of a call now: it passes, or the contract refuses it for a reason. */
export type Simulation = { readonly refusal: Refusal | null; readonly gas: bigint | null };

/** Asks the chain itself, where the index would be seconds too late. */
export type ProtocolReader = {
  readonly chainId: bigint;
  /** Where a contract of the protocol stands. */
  readonly addressOf: (contract: ContractName) => Hex;
  /** Calldata of a function of a contract. */
  readonly encode: (contract: ContractName, functionName: string, args: readonly unknown[]) => Hex;
  /** Asks a view function. @throws ContractRefusal when it reverts, CHAIN_UNAVAILABLE when no node answers */
  readonly view: <T>(contract: ContractName, functionName: string, args?: readonly unknown[]) => Promise<T>;
  /** Tries a call without sending it. @throws CHAIN_UNAVAILABLE when no node answers */
  readonly simulate: (call: Call) => Promise<Simulation>;
  /** Time of the newest block, Unix seconds: what deadlines are held against. @throws CHAIN_UNAVAILABLE */
  readonly now: () => Promise<bigint>;
  /** Whether there is code at an address, as contract wallets have. @throws CHAIN_UNAVAILABLE */
  readonly hasCode: (address: Hex) => Promise<boolean>;
  /** Asks any address, and gives what it answers; null when it reverts. @throws CHAIN_UNAVAILABLE */
  readonly ask: (call: Call) => Promise<Hex | null>;
};

/** A view that reverted, with the contract's reason. */
export class ContractRefusal extends Error {
  override readonly name = 'ContractRefusal';
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

export function createProtocolReader(client: PublicClient, { chainId, contracts }: Deployment): ProtocolReader {
  const addresses = new Map<string, Hex>(contracts.map(({ name, address }) => [name, address]));
  const addressOf = (contract: ContractName): Hex => {
    const address = addresses.get(contract);
    if (address === undefined) throw new Error(`The manifest names no ${contract}.`);
    return address;
  };
  const encode: ProtocolReader['encode'] = (contract, functionName, args) =>
    encodeFunctionData({ abi: contractAbis[contract], functionName, args } as Parameters<typeof encodeFunctionData>[0]);

  /** What a node answers; null for a call that reverts. */
  const tried = async <T>(question: Promise<T>): Promise<{ answer: T } | { refusal: Refusal }> => {
    try {
      return { answer: await question };
    } catch (error) {
      const refusal = error instanceof BaseError ? refusalOf(error) : null;
      if (refusal !== null) return { refusal };
      throw userError('CHAIN_UNAVAILABLE', 'No node of the chain answers just now: ask again in a moment.');
    }
  };
  const reached = async <T>(question: Promise<T>): Promise<T> => {
    const result = await tried(question);
    if ('answer' in result) return result.answer;
    throw new ContractRefusal(result.refusal);
  };
  const called = ({ from, to, data, value = 0n }: Call) =>
    client.call({ ...(from && { account: from }), to, data, value });

  return {
    chainId,
    addressOf,
    encode,
    view: async <T>(contract: ContractName, functionName: string, args: readonly unknown[] = []) => {
      const { data } = await reached(called({ to: addressOf(contract), data: encode(contract, functionName, args) }));
      const abi = contractAbis[contract];
      return decodeFunctionResult({ abi, functionName, data: data ?? '0x' } as Parameters<
        typeof decodeFunctionResult
      >[0]) as T;
    },
    simulate: async ({ from, to, data, value = 0n }) => {
      const result = await tried(client.estimateGas({ ...(from && { account: from }), to, data, value }));
      return 'answer' in result ? { refusal: null, gas: result.answer } : { refusal: result.refusal, gas: null };
    },
    now: async () => (await reached(client.getBlock({ blockTag: 'latest' }))).timestamp,
    hasCode: async (address) => {
      const code = await reached(client.getCode({ address }));
      return code !== undefined && code !== '0x';
    },
    ask: async (call) => {
      const result = await tried(called(call));
      return 'answer' in result ? (result.answer.data ?? '0x') : null;
    },
  };
}
