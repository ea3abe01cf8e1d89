import { type Hex, messageDigest, messageSigner } from '@openledger/protocol';
import { Interface } from 'ethers';
import { ApiError, unavailable } from '../door/apiError.ts';
import type { Chain } from '../usage/chain.ts';
import type { SignedVoucher } from './signedVoucher.ts';

/** Calls a contract and gives what it answers; undefined when it reverts. @throws when no node answers. */
export type CallContract = (call: { readonly to: Hex; readonly data: Hex }) => Promise<Hex | undefined>;

const wallet = new Interface(['function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)']);
/** What a contract wallet answers to a signature that it knows for its own (ERC-1271). */
const MAGIC = '0x1626ba7e';

/** A signature as the escrow takes it from a key: r, s, and v of 27 or 28. */
const OF_KEY = /^0x[0-9a-f]{128}(1b|1c)$/;

/**
 * Checks that a voucher was signed by its payer: with a key, or by a contract wallet that says so (ERC-1271).
 *
 * @returns whether that stays so: a key's signature does, a wallet may think otherwise tomorrow.
 * @throws ApiError (402) when it was not; (503) when only a contract could tell and no node answers.
 */
export const checkSignature = async (voucher: SignedVoucher, chain: Chain, call: CallContract): Promise<boolean> => {
  const { signature, payer, ...rest } = voucher;
  const scope = { chainId: chain.chainId, verifyingContract: chain.escrow };
  const message = { payer, ...rest };
  if (signerOf(signature, () => messageSigner('Voucher', scope, message, signature)) === payer) return true;
  const hash = messageDigest('Voucher', scope, message);
  const data = wallet.encodeFunctionData('isValidSignature', [hash, signature]) as Hex;
  const answer = await call({ to: payer, data }).catch(() => {
    throw unavailable('No node of the chain answers, so a contract’s signature cannot be checked now.', 'no_chain');
  });
  if (answer?.length === 66 && answer.startsWith(MAGIC)) return false;
  throw new ApiError(
    `The voucher was not signed by its payer ${payer}: sign the EIP-712 message Voucher for the escrow ${chain.escrow} on chain ${chain.chainId}.`,
    { status: 402, type: 'payment_required', code: 'voucher_signature_wrong' },
  );
};

const signerOf = (signature: Hex, recover: () => Hex): Hex | undefined => {
  if (!OF_KEY.test(signature)) return undefined;
  try {
    return recover();
  } catch {
    return undefined;
  }
};
