import { setTimeout as sleep } from 'node:timers/promises';
import type { Hex } from '@openledger/protocol';
import { isError, type Provider, type TransactionReceipt, Wallet } from 'ethers';

export type SendOptions = {
  readonly provider: Provider;
  /** Of the account that sends. Never logged. */
  readonly key: string;
  readonly chainId: bigint;
  /** Milliseconds until the fee of what is not mined is raised. */
  readonly stuckMs: number;
  /** Wei for a unit of gas that is never exceeded. */
  readonly maxFeePerGas: bigint;
  readonly signal: AbortSignal;
};

export type SentCall = { readonly to: Hex; readonly data: Hex; readonly gas: bigint };

/** What cannot be sent as things stand, with what to do. */
export class SendError extends Error {
  override readonly name = 'SendError';
}

const GWEI = 1_000_000_000n;
const raise = (fee: bigint): bigint => (fee * 5n) / 4n + 1n;

/**
 * Sends a call with the first nonce that no block has, and waits until that nonce is used. Whatever an earlier process left
 * in the pool has this nonce and is replaced, or is mined first: of all that was ever signed for it at most one counts.
 * So nothing needs to be remembered across a crash but what the chain itself says.
 *
 * @returns undefined when something else was mined with the nonce.
 * @throws SendError when the account cannot pay, the fee has reached its limit, or the process is stopping.
 */
export const sendCall = async (
  { provider, key, chainId, stuckMs, maxFeePerGas: limit, signal }: SendOptions,
  call: SentCall,
  step: (step: 'signed' | 'sent' | 'mined') => void,
): Promise<TransactionReceipt | undefined> => {
  const wallet = new Wallet(key);
  const nonce = await provider.getTransactionCount(wallet.address, 'latest');
  const suggested = await provider.getFeeData();
  let tip = suggested.maxPriorityFeePerGas ?? GWEI;
  let fee = suggested.maxFeePerGas ?? suggested.gasPrice ?? 2n * GWEI;
  if (fee > limit) throw new SendError(`The chain asks ${fee} wei for a unit of gas; at most ${limit} are paid`);
  const hashes: string[] = [];
  const mined = async () => {
    for (const hash of hashes) {
      const receipt = await provider.getTransactionReceipt(hash);
      if (receipt === null) continue;
      step('mined');
      return receipt;
    }
    return undefined;
  };

  for (;;) {
    const raw = await wallet.signTransaction({
      ...{ type: 2, chainId, nonce, to: call.to, data: call.data, gasLimit: call.gas },
      ...{ maxFeePerGas: fee, maxPriorityFeePerGas: tip < fee ? tip : fee },
    });
    step('signed');
    let isInPool = true;
    try {
      hashes.push((await provider.broadcastTransaction(raw)).hash);
    } catch (error) {
      if (isError(error, 'INSUFFICIENT_FUNDS')) {
        throw new SendError(`The account ${wallet.address} cannot pay for transactions: send it the chain's coin`);
      }
      if (isError(error, 'NONCE_EXPIRED')) return mined();
      const isUnderpriced = isError(error, 'REPLACEMENT_UNDERPRICED') || /underpriced/i.test(String(error));
      if (!isUnderpriced && !/already (known|imported)/i.test(String(error))) throw error;
      isInPool = !isUnderpriced;
    }
    step('sent');
    const until = performance.now() + (isInPool ? stuckMs : 0);
    do {
      const receipt = await mined();
      if (receipt !== undefined) return receipt;
      if ((await provider.getTransactionCount(wallet.address, 'latest')) > nonce) return mined();
      if (signal.aborted) throw new SendError('Stopped before the call was mined; the next start looks again');
      await sleep(Math.min(1_000, stuckMs / 5));
    } while (performance.now() < until);
    [fee, tip] = [raise(fee), raise(tip)];
    if (fee > limit) throw new SendError(`A call is not mined for ${limit} wei for a unit of gas; it waits`);
  }
};
