import { loadHarness } from '@openledger/protocol/compile';
import { Interface, type InterfaceAbi } from 'ethers';
import { DriveError, type Player, type Sent, type Session } from './session.ts';

/** A contract account (ERC-1271) and the player whose key is its only signer. */
export type SmartWallet = { readonly address: string; readonly owner: Player };

/** Deploys a contract account for a player. */
export async function openWallet(session: Session, owner: Player): Promise<SmartWallet> {
  const { abi, bytecode } = await artifact();
  const data = bytecode + new Interface(abi as InterfaceAbi).encodeDeploy([owner.address]).slice(2);
  const { receipt } = await session.transact(owner, { data });
  return { address: receipt.contractAddress!.toLowerCase(), owner };
}

/** Lets the contract account make a call. */
export async function callAs(
  session: Session,
  { address, owner }: SmartWallet,
  to: string,
  data: string,
): Promise<Sent> {
  const { abi } = await artifact();
  return session.transact(owner, {
    to: address,
    data: new Interface(abi as InterfaceAbi).encodeFunctionData('execute', [to, data]),
  });
}

async function artifact() {
  const { SmartWallet } = await loadHarness();
  if (SmartWallet === undefined) throw new DriveError('protocol/contracts/harness holds no SmartWallet.');
  return SmartWallet;
}
