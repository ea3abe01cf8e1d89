import { parseEther } from 'ethers';
import type { Cast } from './cast.ts';
import { DriveError, type Player, type Session, vestingContract } from './session.ts';

/**
 * Genesis allocations vest: after the cliff every wallet pays out OPEN, and ether that was sent to it; one linear wallet
 * and one with a cliff pass to somebody else.
 */
export async function vest(session: Session, cast: Cast): Promise<void> {
  const { dora, alice, bob } = cast;
  const wallets = session.manifest.vesting;
  const open = session.address('Open');
  const latestCliff = wallets.reduce((latest, { cliff }) => (cliff > latest ? cliff : latest), 0n);
  await session.travelTo(latestCliff + 30n * 86_400n);

  const handedOver = new Set<string>();
  for (const wallet of wallets) {
    const contract = vestingContract(wallet);
    const at = wallet.address;
    await session.send(alice, contract, 'release(address)', [open], { at });
    await session.transact(dora, { to: at, value: parseEther('1') });
    await session.send(alice, contract, 'release()', [], { at });
    if (handedOver.has(contract)) continue;
    handedOver.add(contract);
    await session.send(beneficiary(cast, wallet.beneficiary), contract, 'transferOwnership', [bob.address], { at });
    await session.send(alice, contract, 'release(address)', [open], { at });
  }
}

function beneficiary({ accounts }: Cast, address: string): Player {
  const found = accounts.get(address);
  if (found === undefined) {
    throw new DriveError(`The vesting beneficiary ${address} is not among the accounts: pass its key.`);
  }
  return found;
}
