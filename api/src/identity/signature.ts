import type { Hex } from '@openledger/db/chain';
import {
  BaseError,
  ContractFunctionExecutionError,
  HttpRequestError,
  hashMessage,
  type PublicClient,
  recoverMessageAddress,
  TimeoutError,
} from 'viem';
import { userError } from '../errors.ts';

/** What a contract wallet answers to a signature that it knows for its own (ERC-1271). */
const MAGIC = '0x1626ba7e';
const erc1271 = [
  {
    type: 'function',
    name: 'isValidSignature',
    stateMutability: 'view',
    inputs: [
      { name: 'hash', type: 'bytes32' },
      { name: 'signature', type: 'bytes' },
    ],
    outputs: [{ type: 'bytes4' }],
  },
] as const;

/**
 * Whether an account signed a message (EIP-191): a wallet's key, or a contract that says so (ERC-1271).
 * @throws CHAIN_UNAVAILABLE when only a contract could tell and no node answers
 */
export async function isSignedBy(
  chain: PublicClient,
  { account, message, signature }: { account: Hex; message: string; signature: Hex },
): Promise<boolean> {
  const signer = await recoverMessageAddress({ message, signature }).catch(() => undefined);
  if (signer?.toLowerCase() === account) return true;
  try {
    const code = await chain.getCode({ address: account });
    if (code === undefined || code === '0x') return false;
    const answer = await chain.readContract({
      address: account,
      abi: erc1271,
      functionName: 'isValidSignature',
      args: [hashMessage(message), signature],
    });
    return answer === MAGIC;
  } catch (error) {
    if (isUnreachable(error)) {
      throw userError(
        'CHAIN_UNAVAILABLE',
        'No node of the chain answers, so a contract’s signature cannot be checked now.',
      );
    }
    // It reverted, or is no wallet.
    if (error instanceof ContractFunctionExecutionError) return false;
    throw error;
  }
}

function isUnreachable(error: unknown): boolean {
  return (
    error instanceof BaseError &&
    error.walk((cause) => cause instanceof HttpRequestError || cause instanceof TimeoutError) !== null
  );
}
