import { createHash } from 'node:crypto';
import type { Database } from '@openledger/db';
import { relay } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { eq } from 'drizzle-orm';
import { type ActionName, type ActionPayload, parsePayload } from './actions.ts';

export type RelayRow = typeof relay.$inferSelect;

/** A drizzle database, or a transaction of one. */
type Transaction = Pick<Database, 'insert' | 'select'>;

/** One action to be sent for an account. */
export type RelayRequest<Name extends ActionName = ActionName> = {
  [N in Name]: {
    readonly action: N;
    readonly payload: ActionPayload<N>;
    /** Of the chain it is for: block 0's hash. */
    readonly genesisHash: Hex;
    /** Whose doing it is: contributor, validator, or who asked. Lower-case. */
    readonly account: Hex;
    /** At most 128 characters. Without it, one that follows from chain, action and payload, signatures left out. */
    readonly idempotencyKey?: string;
    /** It is not sent before, for example until a review's window has passed; at once without it. */
    readonly notBefore?: Date;
  };
}[Name];

/** `taken`: the row is new. Otherwise it is the one that the same request made earlier, in whatever state it is now. */
export type Enqueued = { readonly taken: boolean; readonly relay: RelayRow };

/** An idempotency key that stands for another action already. */
export class RelayConflictError extends Error {
  override readonly name = 'RelayConflictError';
}

/**
 * Hands an action to the relayer, in the caller's transaction: it is sent if and only if that commits, and once however
 * often the same request is made. The relayer hears of it through Postgres and needs not run now.
 * @throws ActionError for a payload that does not fit the action; RelayConflictError when the key is another action's.
 * @example
 * await db.transaction(async (tx) => {
 *   await tx.insert(content).values(body);
 *   const { relay } = await enqueue(tx, { action: 'submitContributionFor', payload, genesisHash, account });
 *   return relay.idempotencyKey;
 * });
 */
export async function enqueue(tx: Transaction, request: RelayRequest): Promise<Enqueued> {
  const { action, genesisHash, account, notBefore } = request;
  const payload = toJson(parsePayload(action, request.payload));
  const idempotencyKey = request.idempotencyKey ?? relayKey(request);
  const [row] = await tx
    .insert(relay)
    .values({ idempotencyKey, genesisHash, account, action, payload, ...(notBefore && { notBefore }) })
    .onConflictDoNothing({ target: relay.idempotencyKey })
    .returning();
  if (row !== undefined) return { taken: true, relay: row };
  const [earlier] = await tx.select().from(relay).where(eq(relay.idempotencyKey, idempotencyKey));
  const isSame =
    earlier?.action === action &&
    earlier.genesisHash === genesisHash &&
    earlier.account === account &&
    canonical(unsigned(earlier.payload)) === canonical(unsigned(payload));
  if (earlier === undefined || !isSame) {
    throw new RelayConflictError(
      `The idempotency key ${idempotencyKey} stands for another action already${earlier ? `, ${earlier.action}` : ''}. Use a new key for each action.`,
    );
  }
  return { taken: false, relay: earlier };
}

/** The key of an action that was given none: the same action on the same chain has the same key, signed anew or not. */
export function relayKey(request: Pick<RelayRequest, 'action' | 'payload' | 'genesisHash'>): string {
  const { action, genesisHash } = request;
  const payload = unsigned(toJson(parsePayload(action, request.payload)));
  return createHash('sha256').update(canonical({ action, genesisHash, payload })).digest('hex');
}

type Json = Readonly<Record<string, unknown>>;

function toJson(payload: object): Json {
  return Object.fromEntries(
    Object.entries(payload).map(([name, value]) => [name, typeof value === 'bigint' ? value.toString() : value]),
  );
}

/** What the action is, without what only vouches for it: an account may sign the same again. */
function unsigned({ signature: _, deadline: __, ...rest }: Json): Json {
  return rest;
}

/** Postgres keeps a JSON object's fields in an order of its own. */
function canonical(value: object): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    each !== null && typeof each === 'object' && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
