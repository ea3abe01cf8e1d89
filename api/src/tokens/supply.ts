import type { Hex } from '@openledger/db/chain';
import type { ApiContext } from '../context.ts';
import { builder } from '../schema/builder.ts';
import type { FieldsOf } from '../schema/entity.ts';
import { indexedTime, vestedAt } from './vested.ts';

type Holding = { readonly name: string; readonly address: Hex; readonly balance: bigint };
type Supply = {
  readonly total: bigint;
  readonly vesting: bigint;
  readonly releasable: bigint;
  readonly released: bigint;
  readonly treasury: bigint;
  readonly holdings: readonly Holding[];
};

/** Holds what nobody has decided to spend yet. */
const TREASURY = 'TimelockController';

async function supplyOf(context: ApiContext, token: Hex, total: bigint): Promise<Supply> {
  const { db, deployment } = context;
  const contracts = new Map(deployment.contracts.map(({ name, address }) => [address, name]));
  const [wallets, balances, now] = await Promise.all([
    db.query.vestingWallet.findMany({
      columns: { address: true, name: true, allocation: true, released: true, cliff: true, end: true },
    }),
    db.query.tokenBalance.findMany({
      columns: { account: true, balance: true },
      where: { token, account: { in: [...contracts.keys()] }, balance: { gt: 0n } },
      orderBy: { balance: 'desc' },
    }),
    indexedTime(context),
  ]);
  const inWallets = new Map(wallets.map((wallet) => [wallet.address, wallet]));
  const holdings = balances.map(({ account, balance }) => ({
    name: contracts.get(account)!,
    address: account,
    balance,
  }));
  const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);
  const open = deployment.contracts.find(({ name }) => name === 'Open')?.address;
  const vested = token === open ? wallets : [];
  return {
    total,
    vesting: sum(holdings.filter(({ address }) => inWallets.has(address)).map(({ balance }) => balance)),
    releasable: sum(vested.map((wallet) => max(vestedAt(wallet, now) - wallet.released))),
    released: sum(vested.map(({ released }) => released)),
    treasury: sum(holdings.filter(({ name }) => name === TREASURY).map(({ balance }) => balance)),
    holdings,
  };
}

function max(value: bigint): bigint {
  return value < 0n ? 0n : value;
}

const TokenHolding = builder.objectRef<Holding>('TokenHolding').implement({
  description: 'What one of the protocol’s own contracts holds of a token.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The contract; a vesting wallet with what its allocation is for.' }),
    address: t.field({ type: 'Address', description: 'Where it is.', resolve: ({ address }) => address }),
    balance: t.field({ type: 'BigInt', description: 'Wei it holds.', resolve: ({ balance }) => balance }),
  }),
});

const TokenSupply = builder.objectRef<Supply>('TokenSupply').implement({
  description: 'Where a token’s supply is. Wei, as of the last block indexed.',
  fields: (t) => ({
    total: t.field({ type: 'BigInt', description: 'What exists.', resolve: ({ total }) => total }),
    circulating: t.field({
      type: 'BigInt',
      description:
        'What exists less what vesting wallets and the treasury hold. What is staked, in the escrow, or waits to be claimed belongs to somebody and counts.',
      resolve: ({ total, vesting, treasury }) => max(total - vesting - treasury),
    }),
    vesting: t.field({
      type: 'BigInt',
      description: 'What vesting wallets still hold, free or not.',
      resolve: ({ vesting }) => vesting,
    }),
    releasable: t.field({
      type: 'BigInt',
      description: 'What of that is free now and could be paid out.',
      resolve: ({ releasable }) => releasable,
    }),
    emitted: t.field({
      type: 'BigInt',
      description: 'What vesting wallets have paid out so far: the emissions. Each payment is in their releases.',
      resolve: ({ released }) => released,
    }),
    treasury: t.field({ type: 'BigInt', description: 'What the treasury holds.', resolve: ({ treasury }) => treasury }),
    holdings: t.field({
      type: [TokenHolding],
      description: 'What each of the protocol’s contracts holds, the most first: the allocation as it stands.',
      resolve: ({ holdings }) => [...holdings],
    }),
  }),
});

export const supplyField: FieldsOf<'token'> = (t) => ({
  supply: t.field({
    type: TokenSupply,
    description: 'Where its supply is: circulating, vesting, in the treasury and in other contracts.',
    complexity: 10,
    select: { columns: { address: true, totalSupply: true } },
    resolve: (row, _args, context) => {
      const { address, totalSupply } = row as { address: Hex; totalSupply: bigint };
      return supplyOf(context, address, totalSupply);
    },
  }),
});
