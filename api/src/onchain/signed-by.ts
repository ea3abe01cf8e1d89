import type { Hex } from '@openledger/db/chain';
import { type Message, type MessageName, messageDigest } from '@openledger/protocol';
import { encodeFunctionData, parseAbi, recoverAddress } from 'viem';
import type { ApiContext } from '../context.ts';
import { userError } from '../errors.ts';
import { scopeOf } from './typed-data.ts';

/** ERC-1271: what a contract wallet answers when a signature is its own. */
const MAGIC = '0x1626ba7e';
const erc1271 = parseAbi(['function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)']);
/** Half of the order of secp256k1: contracts refuse the other half, in which every signature has a twin. */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;
/** Chains a wallet may have been on by mistake. */
const otherChains = [1n, 10n, 56n, 137n, 1_337n, 1_612n, 8_453n, 31_337n, 42_161n, 161_201n, 11_155_111n];

/**
 * Makes sure that an account signed a message of the protocol, as its contract would: by its key, or by what its contract
 * wallet says (ERC-1271, asked on the chain).
 * @param place what was signed, for the error: `submitContribution`
 * @param intent the field that gives the message to sign
 * @throws BAD_SIGNATURE saying what is wrong with it; CHAIN_UNAVAILABLE when only a contract could tell
 */
export async function checkSignedBy<Name extends MessageName>(
  context: Pick<ApiContext, 'protocol'>,
  {
    place,
    intent,
    account,
    name,
    message,
    signature,
  }: {
    readonly place: string;
    readonly intent: string;
    readonly account: Hex;
    readonly name: Name;
    readonly message: Message<Name> & { readonly deadline: bigint };
    readonly signature: Hex;
  },
): Promise<void> {
  const { protocol } = context;
  const now = await protocol.now();
  if (message.deadline < now) {
    throw badSignature(
      `${place}: the signature expired at ${isoOf(message.deadline)}; the chain’s time is ${isoOf(now)}. Ask for a new message (${intent}) and sign that.`,
    );
  }
  const digest = messageDigest(name, scopeOf(context, name), message);
  const signer = await signerOf(digest, signature);
  if (signer === account) {
    const [s, v] = [BigInt(`0x${signature.slice(66, 130)}`), Number.parseInt(signature.slice(130), 16)];
    if (s > HALF_ORDER || (v !== 27 && v !== 28)) {
      throw badSignature(
        `${place}: the signature was altered: it is the twin of one (EIP-2), which the contract refuses.`,
      );
    }
    return;
  }
  if (await protocol.hasCode(account)) {
    const data = encodeFunctionData({ abi: erc1271, functionName: 'isValidSignature', args: [digest, signature] });
    const answer = await protocol.ask({ to: account, data });
    if (answer?.startsWith(MAGIC) && answer.length === 66) return;
    throw badSignature(`${place}: the contract wallet ${account} says that the signature is not its own (ERC-1271).`);
  }
  if (signer === undefined) {
    throw badSignature(`${place}: the signature is no key’s: expected 65 bytes, as eth_signTypedData_v4 gives them.`);
  }
  const chain = await chainSignedFor(context, name, message, signature, account);
  if (chain !== undefined) {
    throw badSignature(
      `${place}: the signature is for chain ${chain}, this is chain ${protocol.chainId}. Switch the wallet’s network and sign again.`,
    );
  }
  throw badSignature(
    `${place}: the signature is not ${account}’s of this message; it would be ${signer}’s. Either another account signed, or the content, licence, rows, deadline or the signature were altered since. Sign exactly what ${intent} gives.`,
  );
}

async function signerOf(digest: Hex, signature: Hex): Promise<Hex | undefined> {
  if (signature.length !== 132) return undefined;
  try {
    return (await recoverAddress({ hash: digest, signature })).toLowerCase() as Hex;
  } catch {
    return undefined;
  }
}

async function chainSignedFor<Name extends MessageName>(
  context: Pick<ApiContext, 'protocol'>,
  name: Name,
  message: Message<Name>,
  signature: Hex,
  account: Hex,
): Promise<bigint | undefined> {
  const scope = scopeOf(context, name);
  for (const chainId of otherChains) {
    if (chainId === scope.chainId) continue;
    const signer = await signerOf(messageDigest(name, { ...scope, chainId }, message), signature);
    if (signer === account) return chainId;
  }
  return undefined;
}

export const badSignature = (message: string) => userError('BAD_SIGNATURE', message);

export const isoOf = (seconds: bigint): string =>
  seconds > 8_640_000_000_000n ? `Unix second ${seconds}` : new Date(Number(seconds) * 1000).toISOString();
