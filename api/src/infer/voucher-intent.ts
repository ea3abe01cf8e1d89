import { voucher } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { inference } from '@openledger/db/chain';
import { and, eq, sql } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import { userError } from '../errors.ts';
import { requireAccount } from '../identity/require-account.ts';
import { type TypedData, TypedDataType, typedDataOf } from '../onchain/typed-data.ts';
import { rowsOfApp } from '../schema/app-rows.ts';
import { builder } from '../schema/builder.ts';

type Intent = {
  readonly typedData: TypedData;
  readonly expiry: bigint;
  readonly settled: bigint;
  readonly standing: bigint | null;
  readonly committed: bigint | null;
};

const DAY = 86_400n;

const VoucherIntent = builder.objectRef<Intent>('VoucherIntent').implement({
  description: 'A promise to a worker, ready to be signed. Then: infer with voucher.',
  fields: (t) => ({
    typedData: t.field({
      type: TypedDataType,
      description: 'For the wallet to sign.',
      resolve: ({ typedData }) => typedData,
    }),
    expiry: t.expose('expiry', { type: 'DateTime', description: 'Until when it is good: give it along as well.' }),
    settled: t.expose('settled', {
      type: 'BigInt',
      description: 'Wei of OPEN that the worker has collected of the account so far.',
    }),
    standing: t.expose('standing', {
      type: 'BigInt',
      nullable: true,
      description: 'What the account has promised the worker in all by the voucher that stands; null without one.',
    }),
    committed: t.expose('committed', {
      type: 'BigInt',
      nullable: true,
      description: 'How much of that is used, by answers that are under way as well.',
    }),
  }),
});

builder.queryField('voucherIntent', (t) =>
  t.field({
    type: VoucherIntent,
    description:
      'The exact promise to sign for answers of a worker, for the account that asks. Stores nothing. Needs a session, or a key with INFER.',
    args: {
      worker: t.arg({ type: 'Address', required: true, description: 'The worker that may collect.' }),
      cumulativeAmount: t.arg({
        type: 'BigInt',
        required: true,
        description: 'Wei of OPEN that it may collect in all, everything collected so far included.',
      }),
      expiry: t.arg({ type: 'DateTime', description: 'Until when it is good; a day when left out.' }),
    },
    complexity: 50,
    resolve: async (_root, { worker, cumulativeAmount, expiry }, context) => {
      const payer = requireAccount(context, 'infer');
      const until = expiry ?? (await context.protocol.now()) + DAY;
      const [row] = await context.db.query.worker.findMany({ columns: { address: true }, where: { address: worker } });
      if (row === undefined) throw userError('NOT_FOUND', `voucherIntent: ${worker} is no worker on this chain.`);
      const message = { payer, worker, cumulativeAmount, expiry: until };
      return {
        typedData: typedDataOf(context, 'Voucher', message),
        expiry: until,
        settled: await settledOf(context, payer, worker),
        ...(await standingOf(context, payer, worker)),
      };
    },
  }),
);

async function settledOf({ db }: ApiContext, payer: Hex, worker: Hex): Promise<bigint> {
  const [row] = await db
    .select({ sum: sql<string>`coalesce(sum(${inference.fee}), 0)::text` })
    .from(inference)
    .where(and(eq(inference.payer, payer), eq(inference.worker, worker)));
  return BigInt(row!.sum);
}

async function standingOf(
  { app, genesisHash }: ApiContext,
  payer: Hex,
  worker: Hex,
): Promise<Pick<Intent, 'standing' | 'committed'>> {
  const { cumulativeAmount: standing, committed, expiresAt } = voucher;
  const own = and(eq(voucher.genesisHash, genesisHash), eq(voucher.payer, payer), eq(voucher.worker, worker));
  const [row] = await rowsOfApp(
    app.db
      .select({ standing, committed })
      .from(voucher)
      .where(and(own, sql`${expiresAt} > now()`)),
  );
  return row ?? { standing: null, committed: null };
}
