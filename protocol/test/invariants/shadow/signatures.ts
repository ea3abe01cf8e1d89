import type { Hex, Target, Value } from '../call.ts';
import { digestOf, type Message, messages } from '../typed-data.ts';
import { increase, refuse, type Shadow } from './state.ts';

/**
 * Refuses unless `account` really signed this message for this chain and this contract. The shadow knows every signature
 * that was ever made, and what it was made over; it recovers nothing.
 */
export function mustBeSigned(
  s: Shadow,
  account: Hex,
  message: Message,
  values: readonly Value[],
  signature: string,
): void {
  const wallet = s.setting.wallets.get(account);
  if (wallet?.mode === 'always' || wallet?.mode === 'reentrant') return;
  const { contract } = messages[message];
  const verifyingContract = s.setting.addresses[contract];
  const signer = wallet ? wallet.owner : account;
  const made = s.signatures.get(signature);
  const silent = wallet !== undefined && wallet.mode !== 'owner';
  if (
    silent ||
    made?.signer !== signer ||
    made.digest !== digestOf(message, values, { chainId: s.setting.chainId, verifyingContract })
  ) {
    refuse(5, `${account} did not sign this ${message} for this chain and contract`);
  }
}

/** The next nonce of an account in a contract, used up. */
export function useNonce(s: Shadow, contract: Target, account: Hex): bigint {
  const key = `${contract} ${account}`;
  const nonce = s.nonces.get(key) ?? 0n;
  increase(s, s.nonces, key, 1n);
  return nonce;
}
