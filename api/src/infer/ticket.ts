import type { Hex } from '@openledger/db/chain';
import type { ApiContext } from '../context.ts';
import { hashToken, newToken } from '../identity/tokens.ts';

/** How long a ticket is good for: it is handed in at once. */
const TICKET_SECONDS = 60;

/** Lets the account that asks ask one worker, once. @returns the ticket, of which only the hash is kept; with each some that are of no use any more are forgotten */
export async function issueTicket(
  { app, caller, genesisHash }: ApiContext,
  account: Hex,
  worker: Hex,
): Promise<string> {
  const ticket = newToken('ticket');
  const keyId = caller.kind === 'key' ? caller.keyId : null;
  await app.sql`
    with dropped as (
      delete from app.inference_ticket where hash in (
        select hash from app.inference_ticket where expires_at < now() - interval '10 minutes'
        order by expires_at limit 20 for update skip locked))
    insert into app.inference_ticket (hash, genesis_hash, account, api_key_id, worker, expires_at)
    values (${hashToken(ticket)}, ${genesisHash}, ${account}, ${keyId}, ${worker},
      now() + make_interval(secs => ${TICKET_SECONDS}))`;
  return ticket;
}
