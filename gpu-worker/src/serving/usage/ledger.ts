import { randomBytes } from 'node:crypto';
import type { Connection, Database } from '@openledger/db';
import { inferenceRecord, retrievedPassage } from '@openledger/db/app';
import { type Hex, requestIdOf } from '@openledger/protocol';
import { and, eq } from 'drizzle-orm';
import type { Logger } from 'pino';
import type { Answered } from '../attributing/answered.ts';
import type { Seal } from '../attributing/seal.ts';
import { keepTask } from '../attributing/tasks.ts';
import { feeOf } from '../payments/price.ts';
import { release, reserve } from '../payments/reserve.ts';
import type { Chain } from './chain.ts';
import { outputHash } from './hashes.ts';
import { createPersistence } from './persistence.ts';
import { createTurns } from './turns.ts';
import type { Asked, Outcome, Usage, Used } from './usage.ts';

export type LedgerOptions = {
  readonly db: Connection['db'];
  readonly chain: Chain;
  /** Lower case. */
  readonly worker: Hex;
  readonly log: Logger;
  /** Keeps what is to be attributed. */
  readonly seal: Seal;
  /** Told when there is more of it. */
  readonly onTask: () => void;
};

type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0];

/** Keeps usage in `app.inference_record`, reservations in `app.voucher`, and what is to be attributed in `app.attribution_task`. */
export const createLedger = ({ db, chain, worker, log, seal, onTask }: LedgerOptions): Usage => {
  const persistence = createPersistence(log);
  const inTurn = createTurns();
  const { genesisHash } = chain;

  const insert = async (on: Pick<Transaction, 'insert'>, requestId: Hex, nonce: Hex, asked: Asked, fee: bigint) => {
    await on.insert(inferenceRecord).values({
      requestId,
      nonce,
      genesisHash,
      worker,
      payer: asked.caller.payer,
      apiKeyId: asked.caller.apiKeyId ?? null,
      modelId: asked.modelId,
      modelVersion: asked.version,
      adapterHash: asked.adapterHash ?? null,
      state: 'running',
      promptHash: asked.promptHash,
      fee,
    });
    const passages = asked.retrieval?.passages ?? [];
    if (passages.length === 0) return;
    await on
      .insert(retrievedPassage)
      .values(passages.map(({ text: _, ...passage }, place) => ({ requestId, place, ...passage })));
  };

  return {
    begin: async (asked) => {
      const { payer } = asked.caller;
      const nonce: Hex = `0x${randomBytes(32).toString('hex')}`;
      const requestId = requestIdOf({ chainId: chain.chainId, escrow: chain.escrow, worker, payer, nonce });
      const most = feeOf(asked.price, asked);
      const isRunning = and(eq(inferenceRecord.requestId, requestId), eq(inferenceRecord.state, 'running'));
      const account = { genesisHash, payer, worker };
      if (most === 0n) await db.transaction((transaction) => insert(transaction, requestId, nonce, asked, 0n));
      else {
        // Waiting for each other in the database they would hold its connections.
        await inTurn(payer, () =>
          db.transaction(async (transaction) => {
            await reserve(transaction, { ...account, escrow: chain.escrow, most, voucher: asked.caller.voucher });
            await insert(transaction, requestId, nonce, asked, most);
          }),
        );
      }

      /** Changes the row that runs, gives back what of the reservation is not used, and keeps what is to be attributed. */
      const conclude = (values: ReturnType<typeof rowOf> | undefined, sealed?: Uint8Array): Promise<void> => {
        const change = async (on: Pick<Transaction, 'update' | 'delete'>): Promise<boolean> => {
          const changed =
            values === undefined
              ? await on.delete(inferenceRecord).where(isRunning).returning({ id: inferenceRecord.requestId })
              : await on
                  .update(inferenceRecord)
                  .set(values)
                  .where(isRunning)
                  .returning({ id: inferenceRecord.requestId });
          return changed.length === 1;
        };
        return persistence.persist(async () => {
          if (most === 0n && sealed === undefined) return void (await change(db));
          await db.transaction(async (transaction) => {
            if (!(await change(transaction))) return;
            if (most > 0n) await release(transaction, { ...account, amount: most - (values?.fee ?? 0n) });
            if (sealed !== undefined) await keepTask(transaction, { requestId, sealed });
          });
          if (sealed !== undefined) onTask();
        });
      };
      let isOver = false;
      const once = (act: () => Promise<void>): Promise<void> => {
        if (isOver) return Promise.resolve();
        isOver = true;
        return act();
      };
      return {
        requestId,
        end: (outcome, used) =>
          once(() => {
            const values = rowOf(outcome, used, feeOf(asked.price, used));
            const answers = attributed(outcome, asked, values.fee);
            return conclude(values, answers && seal.close(requestId, answeredOf(answers, asked)));
          }),
        drop: () => once(() => conclude(undefined)),
      };
    },
    close: persistence.close,
  };
};

/** What of an outcome is attributed: texts of an adapter's, that somebody pays for or asked to know of. */
const attributed = (outcome: Outcome, { adapterHash, wantsAttribution }: Asked, fee: bigint) => {
  if (outcome.state === 'failed' || adapterHash === undefined || (fee === 0n && !wantsAttribution)) return undefined;
  return outcome.answers?.some(({ ids }) => ids.length > 0) ? outcome.answers : undefined;
};

/** With what the model was given, where it was. */
const answeredOf = (answers: Answered['answers'], { retrieval }: Asked): Answered => {
  if (retrieval === undefined || retrieval.passages.length === 0) return { answers };
  const passages = retrieval.passages.map(({ contributionId, contentHash, row, text }) => ({
    ...{ contributionId: `${contributionId}`, contentHash, row, text },
  }));
  return { answers, retrieval: { messages: [...retrieval.messages], passages } };
};

const rowOf = (outcome: Outcome, { inTokens, outTokens, firstTokenAt }: Used, fee: bigint) => ({
  state: outcome.state,
  finishReason: outcome.state === 'answered' ? outcome.finishReason : null,
  outputHash: outcome.state === 'failed' ? null : outputHash(outcome.texts),
  error: outcome.state === 'failed' ? outcome.error.slice(0, 500) : null,
  inTokens,
  outTokens,
  fee: outcome.state === 'failed' ? 0n : fee,
  firstTokenAt: firstTokenAt ?? null,
  endedAt: new Date(),
});
