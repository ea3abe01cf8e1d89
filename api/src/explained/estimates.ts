import type { Hex } from '@openledger/db/chain';
import { sql } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import { rowsOfApp } from '../schema/app-rows.ts';
import { contributorsPart, settled } from './answer.ts';

/** What a contribution would get for an answer whose receipt is signed and not on chain. */
export type Estimate = {
  readonly requestId: Hex;
  readonly contributionId: bigint;
  readonly modelId: bigint;
  /** Wei of OPEN. */
  readonly amount: bigint;
};

/** Receipts wait minutes to be posted: of more than so many, the latest are summed up. */
const MOST = 5_000;
const million = 1_000_000n;

export async function estimatesOf(context: ApiContext, account: Hex, from: bigint): Promise<readonly Estimate[]> {
  const { app, genesisHash } = context;
  const rows = await rowsOfApp(
    app.db.execute<{ request: Hex; id: string; model: string; fee: string; ppm: number }>(sql`
      select unposted.request_id as request, contribution.id::text as id, unposted.model_id::text as model,
        unposted.fee::text as fee, (share->>'ppm')::int as ppm
      from (
        select record.request_id, record.model_id, record.fee, receipt.body
        from app.receipt join app.inference_record record using (request_id)
        where receipt.batch_id is null and receipt.created_at >= to_timestamp(${from.toString()}::bigint)
          and record.genesis_hash = ${genesisHash} and record.fee > 0
        order by receipt.created_at desc limit ${MOST}
      ) unposted
      cross join jsonb_array_elements(unposted.body::jsonb->'shares') share
      join chain.contribution on contribution.id = (share->>'contributionId')::numeric
      where contribution.contributor = ${account}`),
  );
  const estimates = await Promise.all(
    rows.map(async ({ request, id, model, fee, ppm }) => {
      const [onChain, expected] = await Promise.all([
        settled(context).load(request),
        contributorsPart(context).load(BigInt(fee)),
      ]);
      if (onChain !== null && onChain.attributionStatus !== 'none') return [];
      const amount = ((onChain?.contributorsFee ?? expected) * BigInt(ppm)) / million;
      return [{ requestId: request, contributionId: BigInt(id), modelId: BigInt(model), amount }];
    }),
  );
  return estimates.flat();
}
