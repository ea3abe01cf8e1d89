import { relay, relayAttempt, relayTransaction } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { and, asc, desc, eq, gte, inArray, ne, not, sql } from 'drizzle-orm';
import { mayWrite } from './lock.ts';
import type { Receipt } from './node.ts';
import type { Relayer } from './relayer.ts';
import { moved } from './rows.ts';

export type Transaction = typeof relayTransaction.$inferSelect;
export type Attempt = {
  readonly hash: Hex;
  readonly raw: Hex;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
};
/** A transaction that may still change, with every attempt at it, the newest first. */
export type OpenTransaction = Transaction & {
  readonly tried: readonly Attempt[];
  /** Of the newest attempt. */
  readonly ageSeconds: number;
};

type Scope = Pick<Relayer, 'db' | 'genesisHash' | 'address'>;
const isOwn = ({ genesisHash, address }: Scope) =>
  and(eq(relayTransaction.genesisHash, genesisHash), eq(relayTransaction.relayer, address));

/** In the order of their nonces. */
export async function readOpen(scope: Scope): Promise<readonly OpenTransaction[]> {
  const open = await scope.db
    .select()
    .from(relayTransaction)
    .where(and(isOwn(scope), not(relayTransaction.isSettled)))
    .orderBy(asc(relayTransaction.nonce));
  if (open.length === 0) return [];
  const ids = open.map(({ id }) => id);
  const tried = await scope.db
    .select({
      ...{ hash: relayAttempt.hash, raw: relayAttempt.raw, transactionId: relayAttempt.transactionId },
      maxFeePerGas: relayAttempt.maxFeePerGas,
      maxPriorityFeePerGas: relayAttempt.maxPriorityFeePerGas,
      ageSeconds: sql<number>`extract(epoch from clock_timestamp() - ${relayAttempt.signedAt})::float8`,
    })
    .from(relayAttempt)
    .where(inArray(relayAttempt.transactionId, ids))
    .orderBy(desc(relayAttempt.maxFeePerGas));
  const byId = Map.groupBy(tried, ({ transactionId }) => transactionId);
  return open.map((each) => {
    const attempts = byId.get(each.id) ?? [];
    return { ...each, tried: attempts, ageSeconds: attempts[0]?.ageSeconds ?? 0 };
  });
}

export type Signed = Attempt & { readonly nonce: bigint };

/**
 * Writes down what is about to be sent, with the rows it carries, in one transaction: before this nothing has left the
 * process, after it any process can send it, and only it. `storing` is called before the commit.
 * @returns null when another process holds the signer or a row has moved: nothing is written then.
 */
export async function storeSigned(
  scope: Scope & Pick<Relayer, 'step' | 'lockKey'>,
  signed: Signed,
  keys: readonly string[],
): Promise<Transaction | null> {
  const { nonce, ...attempt } = signed;
  return scope.db
    .transaction(async (tx) => {
      if (!(await mayWrite(tx, scope.lockKey))) throw new MovedError();
      const rows =
        keys.length === 0
          ? []
          : await tx
              .select({ key: relay.idempotencyKey })
              .from(relay)
              .where(and(inArray(relay.idempotencyKey, [...keys]), eq(relay.state, 'pending')))
              .for('update');
      if (rows.length !== keys.length) throw new MovedError();
      const { hash, raw, maxFeePerGas } = attempt;
      const { genesisHash, address: relayer } = scope;
      const [stored] = await tx
        .insert(relayTransaction)
        .values({ genesisHash, relayer, nonce, hash, raw, maxFeePerGas })
        .returning();
      await tx.insert(relayAttempt).values({ ...attempt, transactionId: stored!.id });
      if (keys.length > 0) {
        await tx
          .update(relay)
          .set({ state: 'submitted', transactionId: stored!.id, ...moved() })
          .where(inArray(relay.idempotencyKey, [...keys]));
      }
      scope.step('storing');
      return stored!;
    })
    .catch((error: unknown) => {
      if (error instanceof MovedError) return null;
      throw error;
    });
}

class MovedError extends Error {}

/** Another attempt at a nonce, written down before it is sent; the earlier ones stay known. */
export async function storeAttempt({ db }: Scope, transactionId: string, attempt: Attempt): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.insert(relayAttempt).values({ ...attempt, transactionId });
    const { hash, raw, maxFeePerGas } = attempt;
    await tx
      .update(relayTransaction)
      .set({ hash, raw, maxFeePerGas, attempts: sql`${relayTransaction.attempts} + 1` })
      .where(eq(relayTransaction.id, transactionId));
  });
}

/** One of the attempts stands in a block. Where the chain refused it, what it carried goes again, each row alone. */
export async function markMined(scope: Scope, id: string, attempt: Attempt, receipt: Receipt): Promise<void> {
  const succeeded = receipt.status === 1n;
  await scope.db.transaction(async (tx) => {
    await tx
      .update(relayTransaction)
      .set({
        state: succeeded ? 'mined' : 'reverted',
        minedBlock: receipt.blockNumber,
        minedBlockHash: receipt.blockHash,
        ...{ hash: attempt.hash, raw: attempt.raw, maxFeePerGas: attempt.maxFeePerGas },
      })
      .where(eq(relayTransaction.id, id));
    await tx
      .update(relay)
      .set(
        succeeded
          ? { state: 'mined', ...moved() }
          : { state: 'pending', transactionId: null, reverts: sql`${relay.reverts} + 1`, ...moved() },
      )
      .where(and(eq(relay.transactionId, id), inArray(relay.state, ['submitted', 'mined'])));
  });
}

/** Its block was taken back: it waits to be mined again. */
export async function markUnmined(scope: Scope, id: string): Promise<void> {
  await scope.db.transaction(async (tx) => {
    await tx
      .update(relayTransaction)
      .set({ state: 'submitted', minedBlock: null, minedBlockHash: null })
      .where(eq(relayTransaction.id, id));
    await tx
      .update(relay)
      .set({ state: 'submitted', ...moved() })
      .where(and(eq(relay.transactionId, id), eq(relay.state, 'mined')));
  });
}

/** Its block can no longer be taken back. */
export async function markFinal(scope: Scope, id: string): Promise<void> {
  await scope.db.transaction(async (tx) => {
    await tx
      .update(relayTransaction)
      .set({
        isSettled: true,
        state: sql`case ${relayTransaction.state} when 'mined' then 'final' else ${relayTransaction.state} end`,
      })
      .where(eq(relayTransaction.id, id));
    await tx
      .update(relay)
      .set({ state: 'final', finalAt: sql`now()`, ...moved() })
      .where(and(eq(relay.transactionId, id), eq(relay.state, 'mined')));
  });
}

/** Something else was mined with its nonce: it never will be, and what it carried goes again. */
export async function markReplaced(scope: Scope, id: string): Promise<void> {
  await scope.db.transaction(async (tx) => {
    await tx.update(relayTransaction).set({ state: 'replaced', isSettled: true }).where(eq(relayTransaction.id, id));
    await tx
      .update(relay)
      .set({ state: 'pending', transactionId: null, ...moved() })
      .where(and(eq(relay.transactionId, id), inArray(relay.state, ['submitted', 'mined'])));
  });
}

/**
 * The chain has lost what was final on it, as a local one does that was killed: from this nonce on everything is open
 * again. @returns how many transactions.
 */
export async function reopen(scope: Scope, nonce: bigint): Promise<number> {
  return scope.db.transaction(async (tx) => {
    const lost = await tx
      .update(relayTransaction)
      .set({ isSettled: false, state: 'submitted', minedBlock: null, minedBlockHash: null })
      .where(
        and(
          isOwn(scope),
          relayTransaction.isSettled,
          gte(relayTransaction.nonce, nonce),
          ne(relayTransaction.state, 'replaced'),
        ),
      )
      .returning({ id: relayTransaction.id });
    if (lost.length === 0) return 0;
    const ids = lost.map(({ id }) => id);
    await tx
      .update(relay)
      .set({ state: 'submitted', finalAt: null, ...moved() })
      .where(and(inArray(relay.transactionId, ids), inArray(relay.state, ['mined', 'final'])));
    return lost.length;
  });
}
