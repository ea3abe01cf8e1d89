import type { Hex } from '../call.ts';
import { type Handlers, increase, move, put, refuse, type Shadow, spend, zeroAddress } from './state.ts';

/** OPEN that reaches one of the protocol's contracts outside its rules is a gift: owed to nobody. */
function donate(s: Shadow, to: Hex, amount: bigint): void {
  if (Object.values(s.setting.addresses).includes(to)) increase(s, s.donated, to, amount);
}

export const openHandlers: Handlers = {
  transfer(s, from, args) {
    const [to, amount] = args as [Hex, bigint];
    if (to === zeroAddress) refuse(0, 'OPEN cannot be sent to nobody');
    move(s, from, to, amount);
    donate(s, to, amount);
  },
  transferFrom(s, from, args) {
    const [owner, to, amount] = args as [Hex, Hex, bigint];
    if (to === zeroAddress) refuse(0, 'OPEN cannot be sent to nobody');
    spend(s, owner, from, to, amount);
    donate(s, to, amount);
  },
  approve(s, from, args) {
    const [spender, amount] = args as [Hex, bigint];
    if (spender === zeroAddress) refuse(0, 'nobody cannot be approved');
    put(s, s.allowances, `${from} ${spender}`, amount);
  },
  burn(s, from, args) {
    const [amount] = args as [bigint];
    move(s, from, zeroAddress, amount);
  },
  burnFrom(s, from, args) {
    const [owner, amount] = args as [Hex, bigint];
    spend(s, owner, from, zeroAddress, amount);
  },
};

export const gopenHandlers: Handlers = {
  deposit(s, from, args) {
    const [amount] = args as [bigint];
    spend(s, from, s.setting.addresses.GOPEN, s.setting.addresses.GOPEN, amount);
    increase(s, s.wrapped, from, amount);
  },
  withdraw(s, from, args) {
    const [amount] = args as [bigint];
    if ((s.wrapped.get(from) ?? 0n) < amount) refuse(2, `${from} wrapped less than ${amount}`);
    increase(s, s.wrapped, from, -amount);
    move(s, s.setting.addresses.GOPEN, from, amount);
  },
};
