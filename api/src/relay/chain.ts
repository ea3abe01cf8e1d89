import type { Hex } from '@openledger/db/chain';
import { datanetRegistryAbi as abi } from '@openledger/protocol/abi';
import { decodeFunctionResult } from 'viem/utils';
import { z } from 'zod';
import { encode, type Look } from './actions.ts';
import { type Block, block, data, hash, quantity, RefusedError, receipt } from './node.ts';
import type { Relayer } from './relayer.ts';

type Chain = Pick<Relayer, 'node' | 'address' | 'registry'>;
export type Tag = 'latest' | 'pending';

export const headOf = ({ node }: Pick<Chain, 'node'>): Promise<Block> =>
  node.call('eth_getBlockByNumber', ['latest', false], block);

/** Hash of block 0: which chain a node is on. */
export async function genesisOf({ node }: Pick<Chain, 'node'>): Promise<Hex> {
  return (await node.call('eth_getBlockByNumber', ['0x0', false], z.object({ hash }))).hash;
}

export const nonceAt = ({ node, address }: Chain, tag: Tag): Promise<bigint> =>
  node.call('eth_getTransactionCount', [address, tag], quantity);

export const balanceOf = ({ node, address }: Chain): Promise<bigint> =>
  node.call('eth_getBalance', [address, 'latest'], quantity);

export const receiptOf = ({ node }: Pick<Chain, 'node'>, of: Hex) =>
  node.call('eth_getTransactionReceipt', [of], receipt);

/** Gas that a call from the relayer would use. @throws RefusedError with what it would revert with. */
export const estimate = ({ node, address, registry }: Chain, calldata: Hex, tag: Tag): Promise<bigint> =>
  node.call('eth_estimateGas', [{ from: address, to: registry, data: calldata }, tag], quantity);

/** Tries a call from the relayer. @throws RefusedError with what it would revert with. */
export const tryCall = ({ node, address, registry }: Chain, calldata: Hex, tag: Tag): Promise<Hex> =>
  node.call('eth_call', [{ from: address, to: registry, data: calldata }, tag], data);

/** Asks view functions of the registry. */
export function lookAt({ node, registry }: Chain): Look {
  return async (functionName, args) => {
    const answer = await node.call('eth_call', [{ to: registry, data: encode(functionName, args) }, 'latest'], data);
    return decodeFunctionResult({ abi, functionName, data: answer } as Parameters<typeof decodeFunctionResult>[0]);
  };
}

/** Several calls as one; a single one stays itself. */
export function batchOf(calls: readonly Hex[]): Hex {
  return calls.length === 1 ? calls[0]! : encode('multicall', [calls]);
}

export type Fees = { readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint };

const GWEI = 1_000_000_000n;

/** What the next blocks ask: twice the base fee lasts for six full blocks in a row (EIP-1559). */
export async function suggestFees({ node }: Pick<Chain, 'node'>, { baseFeePerGas = 0n }: Block): Promise<Fees> {
  const tip = await node.call('eth_maxPriorityFeePerGas', [], quantity).catch((error: unknown) => {
    if (error instanceof RefusedError) return GWEI;
    throw error;
  });
  return { maxFeePerGas: 2n * baseFeePerGas + tip, maxPriorityFeePerGas: tip };
}

/** What came of sending a transaction. `used`: its nonce stands in a block already, by this attempt or something else. */
export type Delivery = 'sent' | 'used' | 'underpriced' | 'no-funds' | 'refused';

/** Nodes say the same in many words, and most have the same code. */
const meanings: readonly (readonly [RegExp, Delivery])[] = [
  [/already known|already imported|known transaction|already in (the )?mempool|already exists/i, 'sent'],
  [/nonce (is )?too low|nonce has already been used|invalid nonce.*(low|old)|old nonce|already used/i, 'used'],
  [
    /underpriced|fee too low|less than block base fee|below (the )?base ?fee|gas price too low|maxfeepergas/i,
    'underpriced',
  ],
  [/insufficient (funds|balance)|doesn't have enough funds|overshot/i, 'no-funds'],
];

/** Hands a signed transaction to the chain; to do so again does no harm. @throws NodeError */
export async function deliver({ node }: Pick<Chain, 'node'>, raw: Hex): Promise<{ delivery: Delivery; said: string }> {
  try {
    await node.call('eth_sendRawTransaction', [raw], hash);
    return { delivery: 'sent', said: '' };
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const meaning = meanings.find(([pattern]) => pattern.test(error.message));
    return { delivery: meaning?.[1] ?? 'refused', said: error.message };
  }
}
