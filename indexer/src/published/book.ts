import { publishedBalance, publishedToken, publishedTransfer } from 'ponder:schema';
import { type Hex, zeroAddress } from 'viem';
import type { Place } from '../occurrence.ts';
import { plus } from '../plus.ts';
import { created, stamped, updated } from '../provenance.ts';

/** Tokens by the contract's name in events. */
const symbols: Readonly<Record<string, string>> = { EthereumOpen: 'OPEN', L2Wopen: 'WOPEN', L2Gopen: 'GOPEN' };

const emptyToken = {
  totalSupply: 0n,
  wrapped: 0n,
  holders: 0,
  transfers: 0n,
  deposits: 0n,
  withdrawals: 0n,
};
const emptyBalance = { balance: 0n, votes: 0n, delegate: null };

/** Adds to a token's figures. */
const bump = async (e: Place, change: { readonly [key in keyof typeof emptyToken]?: (typeof emptyToken)[key] }) => {
  const { chainId, contract: address, contractName } = e;
  const symbol = symbols[contractName] ?? contractName;
  await e.db
    .insert(publishedToken)
    .values({ chainId, address, contractName, symbol, ...emptyToken, ...change, ...created(e) })
    .onConflictDoUpdate((row) => ({ ...plus(row, change), ...updated(e) }));
};

/** Changes a balance. Returns by how much that changed the number of accounts that hold anything. */
const move = async (e: Place, account: Hex, by: bigint): Promise<number> => {
  const { balance } = await e.db
    .insert(publishedBalance)
    .values({ chainId: e.chainId, token: e.contract, account, ...emptyBalance, balance: by, ...created(e) })
    .onConflictDoUpdate((row) => ({ balance: row.balance + by, ...updated(e) }));
  return Number(balance > 0n) - Number(balance - by > 0n);
};

const list = async (e: Place, kind: 'transfer' | 'deposit' | 'withdrawal', from: Hex, to: Hex, amount: bigint) => {
  await e.db
    .insert(publishedTransfer)
    .values({ ...stamped(e), chainId: e.chainId, token: e.contract, kind, from, to, amount });
};

/** Books a transfer of an OpenZeppelin token: from the zero address it mints, to it it burns. */
export const transferOrMint = async (e: Place, from: Hex, to: Hex, amount: bigint) => {
  const left = from === zeroAddress ? 0 : await move(e, from, -amount);
  const came = to === zeroAddress ? 0 : await move(e, to, amount);
  const minted = (from === zeroAddress ? amount : 0n) - (to === zeroAddress ? amount : 0n);
  await bump(e, { transfers: 1n, holders: left + came, totalSupply: minted });
  await list(e, 'transfer', from, to, amount);
};

/** Books a transfer of a WETH9-like token: the zero address is an account like others, and the supply stays. */
export const transferOnly = async (e: Place, from: Hex, to: Hex, amount: bigint) => {
  const holders = (await move(e, from, -amount)) + (await move(e, to, amount));
  await bump(e, { transfers: 1n, holders });
  await list(e, 'transfer', from, to, amount);
};

/** Books coin wrapped into a token whose wrapping also mints, which a transfer of its own tells. */
export const wrap = async (e: Place, account: Hex, amount: bigint) => {
  await bump(e, { deposits: 1n, wrapped: amount });
  await list(e, 'deposit', zeroAddress, account, amount);
};

/** Books coin unwrapped from such a token. */
export const unwrap = async (e: Place, account: Hex, amount: bigint) => {
  await bump(e, { withdrawals: 1n, wrapped: -amount });
  await list(e, 'withdrawal', account, zeroAddress, amount);
};

/** Books coin wrapped into a WETH9-like token: no transfer tells of it, so balance and supply grow here. */
export const wrapOnly = async (e: Place, account: Hex, amount: bigint) => {
  await bump(e, { holders: await move(e, account, amount), totalSupply: amount });
  await wrap(e, account, amount);
};

/** Books coin unwrapped from such a token. */
export const unwrapOnly = async (e: Place, account: Hex, amount: bigint) => {
  await bump(e, { holders: await move(e, account, -amount), totalSupply: -amount });
  await unwrap(e, account, amount);
};

/** Whom an account lets vote for it; nobody after delegating to the zero address. */
export const setDelegate = async (e: Place, account: Hex, to: Hex) => {
  const delegate = to === zeroAddress ? null : to;
  await e.db
    .insert(publishedBalance)
    .values({ chainId: e.chainId, token: e.contract, account, ...emptyBalance, delegate, ...created(e) })
    .onConflictDoUpdate({ delegate, ...updated(e) });
};

export const setVotes = async (e: Place, account: Hex, votes: bigint) => {
  await e.db
    .insert(publishedBalance)
    .values({ chainId: e.chainId, token: e.contract, account, ...emptyBalance, votes, ...created(e) })
    .onConflictDoUpdate({ votes, ...updated(e) });
};
