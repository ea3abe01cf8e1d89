import { allowance, token, tokenBalance, tokenTransfer } from 'ponder:schema';
import { type Hex, zeroAddress } from 'viem';
import type { Occurrence } from './occurrence.ts';
import { created, stamped, updated } from './provenance.ts';

/** An account's row in a token before anything happened. */
const emptyBalance = { balance: 0n, votes: 0n, delegate: null };

/** Books an ERC-20 transfer: from the zero address it mints, to it it burns. */
export const transferToken = async (e: Occurrence, symbol: string, from: Hex, to: Hex, amount: bigint) => {
  const holders = (await move(e, from, -amount)) + (await move(e, to, amount));
  const minted = (from === zeroAddress ? amount : 0n) - (to === zeroAddress ? amount : 0n);
  await e.db
    .insert(token)
    .values({ address: e.contract, symbol, totalSupply: minted, holders, transfers: 1n, ...created(e) })
    .onConflictDoUpdate((row) => ({
      totalSupply: row.totalSupply + minted,
      holders: row.holders + holders,
      transfers: row.transfers + 1n,
      ...updated(e),
    }));
  await e.db.insert(tokenTransfer).values({ ...stamped(e), token: e.contract, from, to, amount });
};

/** Changes a balance. Returns by how much that changed the number of accounts that hold anything. */
const move = async (e: Occurrence, account: Hex, by: bigint): Promise<number> => {
  if (account === zeroAddress) return 0;
  const { balance } = await e.db
    .insert(tokenBalance)
    .values({ token: e.contract, account, ...emptyBalance, balance: by, ...created(e) })
    .onConflictDoUpdate((row) => ({ balance: row.balance + by, ...updated(e) }));
  return Number(balance > 0n) - Number(balance - by > 0n);
};

/** Whom an account lets vote for it; nobody after delegating to the zero address. */
export const setDelegate = async (e: Occurrence, account: Hex, to: Hex) => {
  const delegate = to === zeroAddress ? null : to;
  await e.db
    .insert(tokenBalance)
    .values({ token: e.contract, account, ...emptyBalance, delegate, ...created(e) })
    .onConflictDoUpdate({ delegate, ...updated(e) });
};

export const setVotes = async (e: Occurrence, account: Hex, votes: bigint) => {
  await e.db
    .insert(tokenBalance)
    .values({ token: e.contract, account, ...emptyBalance, votes, ...created(e) })
    .onConflictDoUpdate({ votes, ...updated(e) });
};

export const approve = async (e: Occurrence, owner: Hex, spender: Hex, approved: bigint) => {
  await e.db
    .insert(allowance)
    .values({ token: e.contract, owner, spender, approved, ...created(e) })
    .onConflictDoUpdate({ approved, ...updated(e) });
};
