import { domainOf, type Message, type MessageName, messageContract, messageTypes } from '@openledger/protocol';
import type { ApiContext } from '../context.ts';
import { builder } from '../schema/builder.ts';

/** An EIP-712 message as wallets take it (`eth_signTypedData_v4`): integers as decimal strings. */
export type TypedData = {
  readonly domain: Readonly<Record<string, string | number>>;
  readonly types: Readonly<Record<string, readonly { readonly name: string; readonly type: string }[]>>;
  readonly primaryType: MessageName;
  readonly message: Readonly<Record<string, string>>;
};

const domainFields = [
  { name: 'name', type: 'string' },
  { name: 'version', type: 'string' },
  { name: 'chainId', type: 'uint256' },
  { name: 'verifyingContract', type: 'address' },
] as const;

/** Where a message of the protocol is valid: its contract on this chain. */
export function scopeOf({ protocol }: Pick<ApiContext, 'protocol'>, name: MessageName) {
  return { chainId: protocol.chainId, verifyingContract: protocol.addressOf(messageContract[name]) };
}

/** A message of the protocol, ready for a wallet to sign. */
export function typedDataOf<Name extends MessageName>(
  context: Pick<ApiContext, 'protocol'>,
  name: Name,
  message: Message<Name>,
): TypedData {
  const { chainId, ...domain } = domainOf(name, scopeOf(context, name));
  return {
    domain: { ...domain, chainId: Number(chainId) },
    types: { EIP712Domain: domainFields, [name]: messageTypes[name] },
    primaryType: name,
    message: Object.fromEntries(Object.entries(message).map(([field, value]) => [field, String(value)])),
  };
}

export const TypedDataType = builder.objectRef<TypedData>('TypedData').implement({
  description:
    'An EIP-712 message for a wallet to sign. `eth_signTypedData_v4` takes the JSON of exactly these four fields.',
  fields: (t) => ({
    domain: t.field({
      type: 'JSON',
      description: 'The contract and chain it is good for: elsewhere the signature is worthless.',
      resolve: ({ domain }) => domain,
    }),
    types: t.field({ type: 'JSON', description: 'Its fields and those of the domain.', resolve: ({ types }) => types }),
    primaryType: t.string({ description: 'Its type’s name.', resolve: ({ primaryType }) => primaryType }),
    message: t.field({
      type: 'JSON',
      description: 'Its values; integers as decimal strings.',
      resolve: ({ message }) => message,
    }),
  }),
});
