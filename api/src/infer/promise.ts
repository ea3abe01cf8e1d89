import { voucher } from '@openledger/db/app';
import { sql } from 'drizzle-orm';
import { badInput, userError } from '../errors.ts';
import { write } from '../guard/writes.ts';
import { requireAccount } from '../identity/require-account.ts';
import { checkSignedBy, isoOf } from '../onchain/signed-by.ts';
import { builder } from '../schema/builder.ts';
import { VoucherInput, voucherOf } from './voucher.ts';

/** Seconds that a voucher has to stay good, or no worker takes it. */
const SETTLING_SECONDS = 600n;

builder.mutationField('promisePayment', (t) =>
  t.boolean({
    description:
      'Keeps a voucher for the answers to come, so that programs without the wallet’s key can ask for them. False when a better one stands already. Needs a session, or a key with INFER.',
    args: { voucher: t.arg({ type: VoucherInput, required: true, description: 'As voucherIntent gave it, signed.' }) },
    complexity: 50,
    extensions: write<{ voucher: { worker: string } }>({
      scope: 'infer',
      subject: ({ voucher: { worker } }) => `Worker:${worker}`,
    }),
    resolve: async (_root, args, context) => {
      const place = 'promisePayment';
      const payer = requireAccount(context, 'infer');
      const { worker, cumulativeAmount, expiry, signature } = voucherOf(args.voucher, payer, `${place}: voucher`);
      const now = await context.protocol.now();
      if (expiry < now + SETTLING_SECONDS) {
        throw badInput(
          `${place}: expiry is ${isoOf(expiry)}; a worker needs until ${isoOf(now + SETTLING_SECONDS)} at least.`,
        );
      }
      const [known] = await context.db.query.worker.findMany({
        columns: { address: true },
        where: { address: worker },
      });
      if (known === undefined) throw userError('NOT_FOUND', `${place}: ${worker} is no worker on this chain.`);
      const message = { payer, worker, cumulativeAmount, expiry, deadline: expiry };
      await checkSignedBy(context, {
        place,
        intent: 'voucherIntent',
        account: payer,
        name: 'Voucher',
        message,
        signature,
      });
      const values = {
        cumulativeAmount,
        expiresAt: new Date(Number(expiry) * 1_000),
        signature,
        updatedAt: new Date(),
      };
      const better = sql`(excluded.cumulative_amount, excluded.expires_at) > (${voucher.cumulativeAmount}, ${voucher.expiresAt})
        or (${voucher.expiresAt} < now() + interval '10 minutes' and excluded.expires_at > ${voucher.expiresAt})`;
      const kept = await context.app.db
        .insert(voucher)
        .values({ genesisHash: context.genesisHash, payer, worker, ...values })
        .onConflictDoUpdate({
          target: [voucher.genesisHash, voucher.payer, voucher.worker],
          set: values,
          setWhere: better,
        })
        .returning({ payer: voucher.payer });
      return kept.length > 0;
    },
  }),
);
