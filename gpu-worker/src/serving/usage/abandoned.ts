import type { Sql } from '@openledger/db';
import type { Hex } from '@openledger/protocol';

/**
 * Ends what a worker was answering when its process ended: nothing is paid for it, and what was reserved for it is free again.
 *
 * To be called by a process that is alone, before it answers anything. @returns how many there were.
 */
export const endAbandoned = async (
  sql: Sql,
  { genesisHash, worker }: { genesisHash: Hex; worker: Hex },
): Promise<number> => {
  const [row] = await sql<[{ ended: number }]>`
    with old as (
      select request_id, payer, fee from app.inference_record
      where genesis_hash = ${genesisHash} and worker = ${worker} and state = 'running'
      for update
    ), ended as (
      update app.inference_record record
      set state = 'failed', error = 'The worker ended before the answer did.', fee = 0, ended_at = now()
      from old where record.request_id = old.request_id
      returning 1
    ), released as (
      update app.voucher voucher set committed = greatest(0, voucher.committed - reserved.fee), updated_at = now()
      from (select payer, sum(fee) as fee from old where fee > 0 group by payer) reserved
      where voucher.genesis_hash = ${genesisHash} and voucher.worker = ${worker} and voucher.payer = reserved.payer
    )
    select count(*)::int as ended from ended`;
  return row.ended;
};
