import { type Signer, TypedDataEncoder, verifyTypedData } from 'ethers';
import type { Hex } from './hex.ts';

/** The EIP-712 messages of the protocol by primary type, their fields in the order that the contracts hash them. */
export const messageTypes = {
  RelayerAuthorization: [
    { name: 'account', type: 'address' },
    { name: 'relayer', type: 'address' },
    { name: 'expiresAt', type: 'uint64' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
  ],
  RelayerRevocation: [
    { name: 'account', type: 'address' },
    { name: 'relayer', type: 'address' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
  ],
  Contribution: [
    { name: 'contributor', type: 'address' },
    { name: 'datanetId', type: 'uint256' },
    { name: 'contentHash', type: 'bytes32' },
    { name: 'uri', type: 'string' },
    { name: 'licenseId', type: 'bytes32' },
    { name: 'rows', type: 'uint64' },
    { name: 'deadline', type: 'uint256' },
  ],
  WorkerConsent: [
    { name: 'worker', type: 'address' },
    { name: 'operator', type: 'address' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
  ],
  Voucher: [
    { name: 'payer', type: 'address' },
    { name: 'worker', type: 'address' },
    { name: 'cumulativeAmount', type: 'uint256' },
    { name: 'expiry', type: 'uint64' },
  ],
} as const;

export type MessageName = keyof typeof messageTypes;

type Field = { readonly name: string; readonly type: string };
type FieldValue<Type> = Type extends `uint${string}` ? bigint : string;

/** The values of a message: integers as bigint, addresses and hashes as hex. Times in Unix seconds, amounts in wei. */
export type Message<Name extends MessageName> = {
  readonly [F in (typeof messageTypes)[Name][number] as F['name']]: FieldValue<F['type']>;
};

/** The contract that takes each message, and whose domain it is signed in. */
export const messageContract = {
  RelayerAuthorization: 'DatanetRegistry',
  RelayerRevocation: 'DatanetRegistry',
  Contribution: 'DatanetRegistry',
  WorkerConsent: 'ModelRegistry',
  Voucher: 'InferenceEscrow',
} as const satisfies Record<MessageName, string>;

/** Where a message is valid: one contract on one chain, so it cannot be replayed on another. */
export type MessageScope = { readonly chainId: bigint; readonly verifyingContract: string };

/** The EIP-712 domain of a message, as `eip712Domain()` of its contract answers. */
export function domainOf(name: MessageName, { chainId, verifyingContract }: MessageScope) {
  return { name: `OpenLedger ${messageContract[name]}`, version: '1', chainId, verifyingContract };
}

/**
 * The digest that is signed (EIP-712), equal to the contract's own, e.g. `InferenceEscrow.hashVoucher`.
 * @throws TypeError (ethers) naming the field whose value does not fit its type.
 */
export function messageDigest<Name extends MessageName>(name: Name, scope: MessageScope, message: Message<Name>): Hex {
  return TypedDataEncoder.hash(domainOf(name, scope), typesOf(name), { ...message }) as Hex;
}

/**
 * Signs a message with an ethers signer.
 * @example await signMessage(payer, 'Voucher', { chainId, verifyingContract: escrow }, { payer, worker, cumulativeAmount: 5n, expiry })
 */
export async function signMessage<Name extends MessageName>(
  signer: Signer,
  name: Name,
  scope: MessageScope,
  message: Message<Name>,
): Promise<Hex> {
  return (await signer.signTypedData(domainOf(name, scope), typesOf(name), { ...message })) as Hex;
}

/**
 * The lower-case address whose key signed a message. A contract wallet's signature has none: ask the wallet (ERC-1271).
 * @throws TypeError (ethers) when the signature is malformed.
 */
export function messageSigner<Name extends MessageName>(
  name: Name,
  scope: MessageScope,
  message: Message<Name>,
  signature: string,
): Hex {
  return verifyTypedData(domainOf(name, scope), typesOf(name), { ...message }, signature).toLowerCase() as Hex;
}

function typesOf(name: MessageName): Record<string, Field[]> {
  return { [name]: [...messageTypes[name]] };
}
