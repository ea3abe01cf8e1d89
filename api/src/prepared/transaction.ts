import type { Hex } from '@openledger/db/chain';
import { formatOpen } from '@openledger/protocol';
import { maxUint256 } from 'viem';
import type { ApiContext } from '../context.ts';
import type { ContractName } from '../onchain/reader.ts';

/** A transaction that a wallet can send as it is. */
export type PreparedTransaction = {
  readonly to: Hex;
  readonly data: Hex;
  /** Wei of the chain's coin. */
  readonly value: bigint;
  readonly chainId: bigint;
  /** What it does, in a sentence. */
  readonly summary: string;
  /** Why the chain would refuse it now; null when it would pass. */
  readonly warning: string | null;
  /** Gas it would take now; null when it would be refused, or no node could say. */
  readonly gas: bigint | null;
  /** What has to be sent before it, when OPEN has to be approved first. */
  readonly approval: PreparedTransaction | null;
};

/** A call of the protocol, in the words of its contracts. */
export type PreparedCall = {
  readonly contract: ContractName;
  readonly functionName: string;
  readonly args: readonly unknown[];
  readonly summary: string;
  /** Wei of OPEN that a contract takes from the sender, which the sender has to have approved. */
  readonly spends?: { readonly amount: bigint; readonly spender: ContractName };
};

/**
 * Makes a call into a transaction for `from`, tried on the chain as it is now.
 * A node that does not answer makes a warning, no failure: the transaction is right without it.
 */
export async function prepareTransaction(
  { protocol }: Pick<ApiContext, 'protocol'>,
  from: Hex,
  call: PreparedCall,
): Promise<PreparedTransaction> {
  const { contract, functionName, args, summary, spends } = call;
  const transaction = {
    to: protocol.addressOf(contract),
    data: protocol.encode(contract, functionName, args),
    value: 0n,
    chainId: protocol.chainId,
    summary,
  };
  try {
    const approval = spends ? await approvalFor(protocol, from, spends) : null;
    if (approval !== null) {
      const warning = 'OPEN has to be approved first: send the transaction in approval before this one.';
      return { ...transaction, warning, gas: null, approval };
    }
    const { refusal, gas } = await protocol.simulate({ from, to: transaction.to, data: transaction.data });
    const warning = refusal && `The chain would refuse it now: ${refusal.message}`;
    return { ...transaction, warning, gas, approval: null };
  } catch (error) {
    if (!(error instanceof Error && 'extensions' in error)) throw error;
    return { ...transaction, warning: 'It could not be tried: no node answers just now.', gas: null, approval: null };
  }
}

/** The approval that a spending still needs; null when what was approved is enough. */
async function approvalFor(
  protocol: ApiContext['protocol'],
  from: Hex,
  { amount, spender }: NonNullable<PreparedCall['spends']>,
): Promise<PreparedTransaction | null> {
  const spenderAddress = protocol.addressOf(spender);
  const allowance = await protocol.view<bigint>('Open', 'allowance', [from, spenderAddress]);
  if (allowance >= amount || allowance === maxUint256) return null;
  return prepareTransaction({ protocol }, from, {
    contract: 'Open',
    functionName: 'approve',
    args: [spenderAddress, amount],
    summary: `Let ${spender} take ${openText(amount)} from you.`,
  });
}

/** Wei as OPEN, for a summary. */
export const openText = (wei: bigint): string => `${formatOpen(wei)} OPEN`;
