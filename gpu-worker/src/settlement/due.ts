import type { Sql } from '@openledger/db';
import type { Hex } from '@openledger/protocol';
import type { Answer, Due } from './answer.ts';

type Scope = { readonly genesisHash: Hex; readonly worker: Hex };
type Row = Omit<Answer, 'modelId' | 'fee'> & {
  readonly payer: Hex;
  readonly signature: Hex;
  readonly modelId: string;
  readonly fee: string;
  readonly cumulativeAmount: string;
  readonly expiry: string;
};

/**
 * What a worker may still collect: answers with a fee, a standing voucher behind them, and no settlement that the indexer
 * has seen. Payers whose voucher ends first come first.
 *
 * @param most answers of one payer
 * @param but requests that are left out
 */
export const readDue = async (
  sql: Sql,
  { genesisHash, worker }: Scope,
  most: number,
  but: readonly Hex[],
): Promise<readonly Due[]> => {
  const rows = await sql<Row[]>`
    select * from (
      select r.request_id as "requestId", r.nonce, r.payer, r.model_id::text as "modelId", r.model_version as version,
        r.in_tokens as "inTokens", r.out_tokens as "outTokens", r.fee::text as fee, r.output_hash as "outputHash",
        extract(epoch from r.ended_at)::float8 as "endedAt", v.cumulative_amount::text as "cumulativeAmount",
        extract(epoch from v.expires_at)::bigint::text as expiry, v.signature,
        row_number() over (partition by r.payer order by r.ended_at, r.request_id) as place
      from app.inference_record r
      join app.voucher v on v.genesis_hash = r.genesis_hash and v.payer = r.payer and v.worker = r.worker
      where r.genesis_hash = ${genesisHash} and r.worker = ${worker} and r.state in ('answered', 'cancelled')
        and r.fee > 0 and r.model_id > 0 and r.nonce is not null and r.output_hash is not null and v.expires_at > now()
        and not exists (select from chain.inference i where i.request_id = r.request_id)
        and r.request_id <> all(${[...but]}::text[])
    ) answer
    where place <= ${most}
    order by expiry::bigint, payer, place`;
  return [...Map.groupBy(rows, ({ payer }) => payer)].map(([payer, own]) => {
    const { cumulativeAmount, expiry, signature } = own[0]!;
    return {
      payer,
      cumulativeAmount: BigInt(cumulativeAmount),
      expiry: BigInt(expiry),
      signature,
      answers: own.map((row) => ({
        requestId: row.requestId,
        nonce: row.nonce,
        modelId: BigInt(row.modelId),
        version: row.version,
        inTokens: row.inTokens,
        outTokens: row.outTokens,
        fee: BigInt(row.fee),
        outputHash: row.outputHash,
        endedAt: row.endedAt,
      })),
    };
  });
};

/** Fees that no call can collect: nobody but the payer can change that. */
export type Lost = {
  readonly why: 'voucher_expired' | 'voucher_missing' | 'base_has_no_owner' | 'recorded_without_nonce';
  readonly answers: number;
  /** Wei of OPEN. */
  readonly fees: bigint;
};

/** What is written off as things stand. A new voucher of the payer makes an expired one's answers due again. */
export const readLost = async (sql: Sql, { genesisHash, worker }: Scope): Promise<readonly Lost[]> => {
  const rows = await sql<{ why: Lost['why']; answers: number; fees: string }[]>`
    select why, count(*)::int as answers, sum(fee)::text as fees from (
      select r.fee, case when r.model_id = 0 then 'base_has_no_owner' when r.nonce is null then 'recorded_without_nonce'
        when v.payer is null then 'voucher_missing' when v.expires_at <= now() then 'voucher_expired' end as why
      from app.inference_record r
      left join app.voucher v on v.genesis_hash = r.genesis_hash and v.payer = r.payer and v.worker = r.worker
      where r.genesis_hash = ${genesisHash} and r.worker = ${worker} and r.state in ('answered', 'cancelled')
        and r.fee > 0 and r.output_hash is not null
        and not exists (select from chain.inference i where i.request_id = r.request_id)
    ) answer
    where why is not null group by why order by why`;
  return rows.map(({ why, answers, fees }) => ({ why, answers, fees: BigInt(fees) }));
};
