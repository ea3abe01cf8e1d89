import { Signature, type TypedDataField } from 'ethers';
import type { Player, Session } from './session.ts';

const domains = {
  DatanetRegistry: 'OpenLedger DatanetRegistry',
  ModelRegistry: 'OpenLedger ModelRegistry',
  InferenceEscrow: 'OpenLedger InferenceEscrow',
  Open: 'OpenLedger',
  GOPEN: 'Governance OpenLedger',
  OpenGovernor: 'OpenGovernor',
} as const;

const types = {
  RelayerAuthorization: 'address account,address relayer,uint64 expiresAt,uint256 nonce,uint256 deadline',
  RelayerRevocation: 'address account,address relayer,uint256 nonce,uint256 deadline',
  Contribution:
    'address contributor,uint256 datanetId,bytes32 contentHash,string uri,bytes32 licenseId,uint64 rows,uint256 deadline',
  WorkerConsent: 'address worker,address operator,uint256 nonce,uint256 deadline',
  Voucher: 'address payer,address worker,uint256 cumulativeAmount,uint64 expiry',
  Permit: 'address owner,address spender,uint256 value,uint256 nonce,uint256 deadline',
  Delegation: 'address delegatee,uint256 nonce,uint256 expiry',
  Ballot: 'uint256 proposalId,uint8 support,address voter,uint256 nonce',
  ExtendedBallot: 'uint256 proposalId,uint8 support,address voter,uint256 nonce,string reason,bytes params',
} as const;

/** Signs an EIP-712 message for one of the protocol's contracts on this chain. */
export async function sign(
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
export async function nonceOf(session: Session, contract: keyof typeof domains, address: string): Promise<bigint> {
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
