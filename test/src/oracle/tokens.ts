import type { ChainEvent } from './event.ts';
import { change, created, type Fold, type Row, type State, stamped, zeroAddress } from './state.ts';

/** Open, GOPEN and the vesting wallets: balances, votes, allowances, releases. */
export const tokens: Fold = (state, event) => {
  const { tables } = state;
  switch (event.name) {
    case 'Transfer':
      return transfer(state, event);
    case 'Approval': {
      const [token, owner, spender] = [event.place.address, event.text('owner'), event.text('spender')];
      const row = tables.allowance.open(
        () => ({ token, owner, spender, approved: 0n, ...created(event) }),
        token,
        owner,
        spender,
      );
      return change(row, event, { approved: event.big('value') });
    }
    case 'DelegateChanged': {
      const to = event.text('toDelegate');
      return change(balanceOf(state, event, event.text('delegator')), event, {
        delegate: to === zeroAddress ? null : to,
      });
    }
    case 'DelegateVotesChanged':
      return change(balanceOf(state, event, event.text('delegate')), event, { votes: event.big('newVotes') });
    case 'OwnershipTransferred':
      return change(walletOf(state, event), event, { beneficiary: event.text('newOwner') });
    case 'ERC20Released':
      return release(state, event, event.text('token'));
    case 'EtherReleased':
      return release(state, event, zeroAddress);
  }
};

/** From the zero address a transfer mints, to it it burns; neither is an account's balance. */
function transfer(state: State, event: ChainEvent): void {
  const { tables } = state;
  const [address, from, to] = [event.place.address, event.text('from'), event.text('to')];
  const amount = event.big('value');
  tables.tokenTransfer.put({ ...stamped(event), token: address, from, to, amount }, event.id);
  const token = tables.token.open(
    () => ({
      address,
      symbol: event.contract === 'GOPEN' ? 'GOPEN' : 'OPEN',
      totalSupply: 0n,
      holders: 0,
      transfers: 0n,
      ...created(event),
    }),
    address,
  );
  let holders = token.holders;
  const move = (account: string, difference: bigint) => {
    if (account === zeroAddress) return;
    const row = balanceOf(state, event, account);
    const before = row.balance;
    change(row, event, { balance: before + difference });
    holders += Number(row.balance > 0n) - Number(before > 0n);
  };
  move(from, -amount);
  move(to, amount);
  change(token, event, {
    totalSupply: token.totalSupply + (from === zeroAddress ? amount : 0n) - (to === zeroAddress ? amount : 0n),
    holders,
    transfers: token.transfers + 1n,
  });
}

function balanceOf({ tables }: State, event: ChainEvent, account: string): Row<'tokenBalance'> {
  const token = event.place.address;
  return tables.tokenBalance.open(
    () => ({ token, account, balance: 0n, votes: 0n, delegate: null, ...created(event) }),
    token,
    account,
  );
}

/** A wallet appears with the first event it emits, its constructor's; its terms are the deployment's. */
function walletOf(state: State, event: ChainEvent): Row<'vestingWallet'> {
  const { address } = event.place;
  const terms = state.vesting.get(address);
  if (terms === undefined) throw new Error(`${event}: ${address} is no vesting wallet of the deployment.`);
  return state.tables.vestingWallet.open(
    () => ({ address, ...terms, released: 0n, releases: 0, ...created(event) }),
    address,
  );
}

/**
 * A wallet pays out whatever it is sent: the chain's coin, or any token that anyone wrote. The wallet's own figures are of
 * its allocation, which is OPEN.
 */
function release(state: State, event: ChainEvent, token: string): void {
  const wallet = walletOf(state, event);
  const amount = event.big('amount');
  state.tables.vestingRelease.put({ ...stamped(event), wallet: wallet.address, token, amount }, event.id);
  if (state.tables.token.find(token)?.symbol !== 'OPEN') return;
  change(wallet, event, { released: wallet.released + amount, releases: wallet.releases + 1 });
}
