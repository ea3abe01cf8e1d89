import { MaxUint256, parseEther } from 'ethers';
import type { Cast } from './cast.ts';
import type { Player, Session } from './session.ts';
import { nonceOf, signStandard, vrs } from './signing.ts';

/** OPEN changes hands in every way it can, and some of it is burnt. */
export async function passOpenAround(session: Session, { alice, bob, carol, dave, rita }: Cast): Promise<void> {
  await session.send(alice, 'Open', 'transfer', [bob.address, parseEther('5')], { when: 'to a holder' });
  await session.send(alice, 'Open', 'approve', [bob.address, parseEther('30')]);
  await session.send(bob, 'Open', 'transferFrom', [alice.address, carol.address, parseEther('10')]);
  await session.send(bob, 'Open', 'burnFrom', [alice.address, parseEther('20')]);
  await session.send(dave, 'Open', 'burn', [parseEther('1')]);
  // Carol has no ether to spend on this: Rita carries the permit she signed.
  await permit(session, 'Open', carol, rita, parseEther('7'));
  await session.send(rita, 'Open', 'transferFrom', [carol.address, rita.address, parseEther('7')]);
}

/** Wraps OPEN into votes, delegates them, by hand and by signature, and unwraps a part. */
export async function wrapAndDelegate(session: Session, { whale, greta, gus, gina, gail, rita }: Cast): Promise<void> {
  const wrapped = [
    [greta, '3000000'],
    [gus, '400000'],
    [gina, '200000'],
    [gail, '100000'],
  ] as const;
  for (const [holder, amount] of wrapped) {
    const wei = parseEther(amount);
    await session.send(whale, 'Open', 'transfer', [holder.address, wei], { when: 'to a holder' });
    await approveOpen(session, holder, session.address('GOPEN'));
    await session.send(holder, 'GOPEN', 'deposit', [wei]);
    await session.send(holder, 'GOPEN', 'delegate', [holder.address]);
  }
  await session.send(gail, 'GOPEN', 'transfer', [rita.address, parseEther('1000')]);
  await session.send(gail, 'GOPEN', 'approve', [gina.address, parseEther('500')]);
  await session.send(gina, 'GOPEN', 'transferFrom', [gail.address, gina.address, parseEther('500')]);
  await permit(session, 'GOPEN', gail, gus, parseEther('250'));
  await session.send(gus, 'GOPEN', 'transferFrom', [gail.address, gus.address, parseEther('250')]);
  await session.send(gus, 'GOPEN', 'withdraw', [parseEther('250')]);

  // Rita's votes go to Greta, without a transaction of Rita's own.
  const expiry = (await session.now()) + 3_600n;
  const nonce = await nonceOf(session, 'GOPEN', rita.address);
  const delegatee = greta.address;
  const signature = await signStandard(session, rita, 'GOPEN', 'Delegation', { delegatee, nonce, expiry });
  await session.send(gail, 'GOPEN', 'delegateBySig', [delegatee, nonce, expiry, ...vrs(signature)]);
}

/** Lets a contract take any amount of a player's OPEN. */
export async function approveOpen(session: Session, holder: Player, spender: string): Promise<void> {
  await session.send(holder, 'Open', 'approve', [spender, MaxUint256]);
}

async function permit(session: Session, token: 'Open' | 'GOPEN', owner: Player, spender: Player, value: bigint) {
  const deadline = (await session.now()) + 3_600n;
  const nonce = await nonceOf(session, token, owner.address);
  const message = { owner: owner.address, spender: spender.address, value, nonce, deadline };
  const signature = await signStandard(session, owner, token, 'Permit', message);
  await session.send(spender, token, 'permit', [owner.address, spender.address, value, deadline, ...vrs(signature)]);
}
