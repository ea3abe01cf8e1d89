import type { ChainEvent } from '../event.ts';
import { change, created, type Fold, type Row, type State, stamped, zeroAddress } from '../state.ts';

/**
 * A token's supply is what its transfers from the zero address brought less what those to it took, except WOPEN's: there
 * nothing but deposits and withdrawals changes it, which no transfer tells, and the zero address is one holder among all.
 */
export const token: Fold = (state, event) => {
  const isWrapped = event.contract === 'L2Wopen';
  switch (event.name) {
    case 'Transfer': {
      const [from, to, amount] = [event.text('from'), event.text('to'), event.big('value')];
      const row = tokenOf(state, event);
      const supply = isWrapped ? 0n : (from === zeroAddress ? amount : 0n) - (to === zeroAddress ? amount : 0n);
      for (const [account, by] of [[from, -amount] as const, [to, amount] as const]) {
        if (isWrapped || account !== zeroAddress) move(state, event, account, by);
      }
      change(row, event, { transfers: row.transfers + 1n, totalSupply: row.totalSupply + supply });
      return list(state, event, 'transfer', from, to, amount);
    }
    case 'Deposit': {
      const account = event.text(isWrapped ? 'dst' : 'sender');
      const amount = event.big(isWrapped ? 'wad' : 'amt');
      const row = tokenOf(state, event);
      if (isWrapped) move(state, event, account, amount);
      change(row, event, {
        deposits: row.deposits + 1n,
        wrapped: row.wrapped + amount,
        totalSupply: row.totalSupply + (isWrapped ? amount : 0n),
      });
      return list(state, event, 'deposit', zeroAddress, account, amount);
    }
    case 'Withdrawal': {
      const account = event.text('src');
      const amount = event.big(isWrapped ? 'wad' : 'amt');
      const row = tokenOf(state, event);
      if (isWrapped) move(state, event, account, -amount);
      change(row, event, {
        withdrawals: row.withdrawals + 1n,
        wrapped: row.wrapped - amount,
        totalSupply: row.totalSupply - (isWrapped ? amount : 0n),
      });
      return list(state, event, 'withdrawal', account, zeroAddress, amount);
    }
    case 'DelegateChanged': {
      const to = event.text('toDelegate');
      return change(balanceOf(state, event, event.text('delegator')), event, {
        delegate: to === zeroAddress ? null : to,
      });
    }
    case 'DelegateVotesChanged':
      return change(balanceOf(state, event, event.text('delegate')), event, { votes: event.big('newVotes') });
  }
};

function tokenOf({ tables }: State, event: ChainEvent): Row<'publishedToken'> {
  const { chainId, address } = event.place;
  const symbol = { EthereumOpen: 'OPEN', L2Wopen: 'WOPEN', L2Gopen: 'GOPEN' }[event.contract as string]!;
  return tables.publishedToken.open(
    () => ({
      chainId,
      address,
      contractName: event.contract,
      symbol,
      totalSupply: 0n,
      wrapped: 0n,
      holders: 0,
      transfers: 0n,
      deposits: 0n,
      withdrawals: 0n,
      ...created(event),
    }),
    chainId,
    address,
  );
}

function balanceOf({ tables }: State, event: ChainEvent, account: string): Row<'publishedBalance'> {
  const { chainId, address: token } = event.place;
  return tables.publishedBalance.open(
    () => ({ chainId, token, account, balance: 0n, votes: 0n, delegate: null, ...created(event) }),
    chainId,
    token,
    account,
  );
}

function move(state: State, event: ChainEvent, account: string, by: bigint): void {
  const row = balanceOf(state, event, account);
  const token = tokenOf(state, event);
  token.holders += Number(row.balance + by > 0n) - Number(row.balance > 0n);
  change(row, event, { balance: row.balance + by });
}

function list({ tables }: State, event: ChainEvent, kind: string, from: string, to: string, amount: bigint): void {
  const { chainId, address: token } = event.place;
  tables.publishedTransfer.put({ ...stamped(event), chainId, token, kind, from, to, amount }, event.id);
}
