import { index, integer, onchainTable, primaryKey, text } from 'ponder';
import { eventProvenance, hex, int8, provenance, uint256 } from './columns.ts';

export const token = onchainTable('token', {
  address: hex().primaryKey(),
  symbol: text().notNull(),
  totalSupply: uint256().notNull(),
  /** Accounts with a balance above zero. */
  holders: integer().notNull(),
  transfers: int8().notNull(),
  ...provenance,
});

/** One account's balance, votes and delegate in one token. Wei. */
export const tokenBalance = onchainTable(
  'token_balance',
  {
    token: hex().notNull(),
    account: hex().notNull(),
    balance: uint256().notNull(),
    /** Voting power, own or delegated to it; zero in tokens without votes. */
    votes: uint256().notNull(),
    /** Whom it lets vote for it. */
    delegate: hex(),
    ...provenance,
  },
  (t) => ({
    pk: primaryKey({ columns: [t.token, t.account] }),
    accountIndex: index('token_balance_account_idx').on(t.account, t.token),
    balanceIndex: index('token_balance_balance_idx').on(t.token, t.balance, t.account),
    votesIndex: index('token_balance_votes_idx').on(t.token, t.votes, t.account),
    delegateIndex: index('token_balance_delegate_idx').on(t.delegate, t.token, t.account),
    createdIndex: index('token_balance_created_idx').on(t.createdAt, t.token, t.account),
  }),
);

export const tokenTransfer = onchainTable(
  'token_transfer',
  {
    ...eventProvenance,
    token: hex().notNull(),
    from: hex().notNull(),
    to: hex().notNull(),
    amount: uint256().notNull(),
  },
  (t) => ({
    tokenIndex: index('token_transfer_token_idx').on(t.token, t.id),
    fromIndex: index('token_transfer_from_idx').on(t.from, t.id),
    toIndex: index('token_transfer_to_idx').on(t.to, t.id),
    amountIndex: index('token_transfer_amount_idx').on(t.token, t.amount, t.id),
  }),
);

export const allowance = onchainTable(
  'allowance',
  {
    token: hex().notNull(),
    owner: hex().notNull(),
    spender: hex().notNull(),
    /** As last approved; spending it emits no event. */
    approved: uint256().notNull(),
    ...provenance,
  },
  (t) => ({
    pk: primaryKey({ columns: [t.token, t.owner, t.spender] }),
    ownerIndex: index('allowance_owner_idx').on(t.owner, t.token, t.spender),
    createdIndex: index('allowance_created_idx').on(t.createdAt, t.token, t.owner, t.spender),
  }),
);

export const vestingWallet = onchainTable(
  'vesting_wallet',
  {
    address: hex().primaryKey(),
    beneficiary: hex().notNull(),
    name: text().notNull(),
    /** Unix seconds. */
    start: int8().notNull(),
    cliff: int8().notNull(),
    end: int8().notNull(),
    allocation: uint256().notNull(),
    released: uint256().notNull(),
    releases: integer().notNull(),
    ...provenance,
  },
  (t) => ({
    beneficiaryIndex: index('vesting_wallet_beneficiary_idx').on(t.beneficiary, t.address),
    allocationIndex: index('vesting_wallet_allocation_idx').on(t.allocation, t.address),
    createdIndex: index('vesting_wallet_created_idx').on(t.createdAt, t.address),
  }),
);

export const vestingRelease = onchainTable(
  'vesting_release',
  {
    ...eventProvenance,
    wallet: hex().notNull(),
    /** The token released; the zero address for the chain's own coin. */
    token: hex().notNull(),
    amount: uint256().notNull(),
  },
  (t) => ({
    walletIndex: index('vesting_release_wallet_idx').on(t.wallet, t.id),
  }),
);
