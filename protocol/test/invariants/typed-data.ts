import { TypedDataEncoder } from 'ethers';
import type { Hex, Value } from './call.ts';

/** The EIP-712 messages of the protocol, by primary type: which contract takes them, and their fields. */
export const messages = {
  RelayerAuthorization: {
    contract: 'DatanetRegistry',
    fields: 'address account,address relayer,uint64 expiresAt,uint256 nonce,uint256 deadline',
  },
  RelayerRevocation: {
    contract: 'DatanetRegistry',
    fields: 'address account,address relayer,uint256 nonce,uint256 deadline',
  },
  Contribution: {
    contract: 'DatanetRegistry',
    fields:
      'address contributor,uint256 datanetId,bytes32 contentHash,string uri,bytes32 licenseId,uint64 rows,uint256 deadline',
  },
  WorkerConsent: {
    contract: 'ModelRegistry',
    fields: 'address worker,address operator,uint256 nonce,uint256 deadline',
  },
  Voucher: {
    contract: 'InferenceEscrow',
    fields: 'address payer,address worker,uint256 cumulativeAmount,uint64 expiry',
  },
} as const;

export type Message = keyof typeof messages;

/** Which contract on which chain a message is meant for. An absent part is one the signer was made to leave out. */
export type Domain = { readonly chainId?: bigint; readonly verifyingContract?: Hex };

/** The digest of a message whose field values stand in the order of its type. */
export function digestOf(message: Message, values: readonly Value[], domain: Domain): string {
  const { contract, fields } = messages[message];
  const types = fields.split(',').map((field) => {
    const [type = '', name = ''] = field.split(' ');
    return { type, name };
  });
  const named = { name: `OpenLedger ${contract}`, version: '1' };
  return TypedDataEncoder.hash(
    {
      ...named,
      ...(domain.chainId === undefined ? {} : { chainId: domain.chainId }),
      ...(domain.verifyingContract === undefined ? {} : { verifyingContract: domain.verifyingContract }),
    },
    { [message]: types },
    Object.fromEntries(types.map(({ name }, index) => [name, values[index]])),
  );
}
