import { type Message, type MessageName, messageContract, signMessage } from '@openledger/protocol';
import { Signature, type TypedDataField } from 'ethers';
import type { Player, Session } from './session.ts';

/** OpenZeppelin's messages, by the contracts that take them. */
const domains = { Open: 'OpenLedger', GOPEN: 'Governance OpenLedger', OpenGovernor: 'OpenGovernor' } as const;
const types = {
  Permit: 'address owner,address spender,uint256 value,uint256 nonce,uint256 deadline',
  Delegation: 'address delegatee,uint256 nonce,uint256 expiry',
  Ballot: 'uint256 proposalId,uint8 support,address voter,uint256 nonce',
  ExtendedBallot: 'uint256 proposalId,uint8 support,address voter,uint256 nonce,string reason,bytes params',
} as const;

/** Signs one of the protocol's messages for this chain. */
export async function sign<Name extends MessageName>(
  session: Session,
  signer: Player,
  name: Name,
  message: Message<Name>,
): Promise<string> {
  const { chainId } = session.manifest;
  return signMessage(
    signer.wallet,
    name,
    { chainId, verifyingContract: session.address(messageContract[name]) },
    message,
  );
}

/** Signs a message that OpenZeppelin defines for tokens and governors. */
export async function signStandard(
  session: Session,
  signer: Player,
  contract: keyof typeof domains,
  type: keyof typeof types,
  message: Readonly<Record<string, unknown>>,
): Promise<string> {
  const domain = {
    name: domains[contract],
    version: '1',
    chainId: session.manifest.chainId,
    verifyingContract: session.address(contract),
  };
  return signer.wallet.signTypedData(domain, { [type]: fields(types[type]) }, message);
}

/** The account's next nonce in one contract, for a message that carries one. */
export async function nonceOf(
  session: Session,
  contract: keyof typeof domains | 'DatanetRegistry' | 'ModelRegistry',
  address: string,
): Promise<bigint> {
  return session.view(contract, 'nonces', [address]);
}

/** A signature as the `v, r, s` arguments of ERC-2612 and ERC-5805. */
export function vrs(signature: string): readonly [v: number, r: string, s: string] {
  const { v, r, s } = Signature.from(signature);
  return [v, r, s];
}

function fields(type: string): TypedDataField[] {
  return type.split(',').map((field) => {
    const [kind, name] = field.split(' ');
    return { type: kind!, name: name! };
  });
}
