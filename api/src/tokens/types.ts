import { address, bigint, eventProvenance, int, name, provenance, time } from '../schema/columns.ts';
import { entity } from '../schema/entity.ts';
import { supplyField } from './supply.ts';
import { vestedFields } from './vested.ts';

entity('token', {
  name: 'Token',
  description: 'A token of the protocol: OPEN, or GOPEN for votes.',
  columns: {
    address: address('Its contract.'),
    symbol: name('Its symbol.'),
    totalSupply: bigint('Wei that exist.'),
    holders: int('How many accounts hold some.', 'holderCount'),
    transfers: bigint('How many transfers there were.', 'transferCount'),
    ...provenance,
  },
  many: {
    balanceRows: ['balances', 'Who holds how much.'],
    transferRows: ['transfers', 'Every transfer, mints and burns included.'],
    allowanceRows: ['allowances', 'Who lets whom spend.'],
  },
  fields: supplyField,
});

entity('tokenBalance', {
  name: 'TokenBalance',
  description: 'An account’s balance, votes and delegate in a token. Wei.',
  columns: {
    token: address('The token.', 'tokenAddress'),
    account: address('The account.', 'accountAddress'),
    balance: bigint('What it holds.'),
    votes: bigint('Its voting power, own or delegated to it; 0 in tokens without votes.'),
    delegate: address('Whom it lets vote for it.', 'delegateAddress'),
    ...provenance,
  },
  one: {
    tokenRow: ['token', 'The token.'],
    accountRow: ['account', 'The account.'],
    delegateRow: ['delegate', 'Whom it lets vote for it.'],
  },
});

entity('tokenTransfer', {
  name: 'TokenTransfer',
  description: 'A transfer; from the zero address it is a mint, to it a burn.',
  columns: {
    ...eventProvenance,
    token: address('The token.', 'tokenAddress'),
    from: address('Who sent.', 'fromAddress'),
    to: address('Who received.', 'toAddress'),
    amount: bigint('Wei sent.'),
  },
  one: { tokenRow: ['token', 'The token.'], fromRow: ['from', 'Who sent.'], toRow: ['to', 'Who received.'] },
});

entity('allowance', {
  name: 'Allowance',
  description: 'How much an owner last let a spender take. Spending it emits no event, so less may be left.',
  columns: {
    token: address('The token.', 'tokenAddress'),
    owner: address('Whose tokens.', 'ownerAddress'),
    spender: address('Who may spend them.', 'spenderAddress'),
    approved: bigint('Wei last approved.'),
    ...provenance,
  },
  one: {
    tokenRow: ['token', 'The token.'],
    ownerRow: ['owner', 'Whose tokens.'],
    spenderRow: ['spender', 'Who may spend them.'],
  },
});

entity('vestingWallet', {
  name: 'VestingWallet',
  description: 'Tokens that become free over time. Wei of OPEN.',
  columns: {
    address: address('Its contract.'),
    beneficiary: address('Who is paid.', 'beneficiaryAddress'),
    name: name('What the allocation is for.'),
    start: time('When vesting began.'),
    cliff: time('Before when nothing is free.'),
    end: time('When all is free.'),
    allocation: bigint('What was put in.'),
    released: bigint('What was paid out.'),
    releases: int('How many times something was paid out.', 'releaseCount'),
    ...provenance,
  },
  one: { beneficiaryRow: ['beneficiary', 'Who is paid.'] },
  many: { releaseRows: ['releases', 'Every payment.'] },
  fields: vestedFields,
});

entity('vestingRelease', {
  name: 'VestingRelease',
  description: 'A payment out of a vesting wallet.',
  columns: {
    ...eventProvenance,
    wallet: address('The wallet.', 'walletAddress'),
    token: address('The token; the zero address for the chain’s own coin.', 'tokenAddress'),
    amount: bigint('Wei paid.'),
  },
  one: { walletRow: ['wallet', 'The wallet.'], tokenRow: ['token', 'The token.'] },
});
