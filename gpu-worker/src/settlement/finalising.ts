import type { Hex } from '@openledger/protocol';
import { openLedger } from './ledger.ts';
import { createSeen, type Turn } from './turn.ts';

export type FinalisingOptions = {
  readonly ledger: Hex;
  /** Whose batches; everybody's without it. */
  readonly worker: Hex | undefined;
  /** Seconds that whose batch it is has for doing it first. */
  readonly grace: number;
};

export type FinalisingFigures = {
  /** Batches that this process made final. */
  readonly finalised: number;
  /** Batches whose time is over and that are not final, by the contract's own error: `BatchChallenged` while one is disputed. */
  readonly unfinal: Readonly<Record<string, number>>;
};

/** Batches of a look: each is a call of its own, and other work waits meanwhile. */
const MOST = 8;

/** Makes batches final whose challenge window has passed: then they pay. */
export const createFinalising = (turn: Turn, { ledger: address, worker, grace }: FinalisingOptions) => {
  const { sql, provider, account, log } = turn;
  const ledger = openLedger(provider, { ledger: address, account });
  /** Batches that are final, or revoked, and of which the indexer does not know yet. */
  const seen = createSeen<bigint>();
  let finalised = 0;
  let unfinal: Record<string, number> = {};

  const read = async (): Promise<readonly bigint[]> => {
    const but = seen.all();
    const posted = await sql<{ id: bigint; deadline: bigint }[]>`
      select id, challenge_deadline as deadline from chain.attribution_batch
      where status = 'posted' and ${worker === undefined ? sql`true` : sql`worker = ${worker}`}
      order by challenge_deadline, id limit 1000`;
    const waiting = posted.filter(({ id }) => !but.includes(id));
    if (waiting.length === 0) return [];
    const now = BigInt((await provider.getBlock('latest'))?.timestamp ?? 0);
    return waiting.filter(({ deadline }) => deadline + BigInt(grace) <= now).map(({ id }) => id);
  };

  return {
    figures: (): FinalisingFigures => ({ finalised, unfinal }),
    look: async (): Promise<void> => {
      const over = await read();
      unfinal = {};
      turn.at('finalise', 'read');
      let done = 0;
      for (const batchId of over) {
        if (done === MOST || turn.isStopping()) return;
        const data = ledger.encodeFinalise(batchId);
        const estimate = await ledger.estimate(data);
        if ('refused' in estimate) {
          const { name } = estimate.refused;
          if (name === 'NotPosted') seen.add([batchId]);
          else unfinal[name] = (unfinal[name] ?? 0) + 1;
          continue;
        }
        turn.at('finalise', 'estimated');
        const receipt = await turn.send('finalise', { to: address, data, gas: estimate.gas });
        if (receipt?.status !== 1) return;
        seen.add([batchId]);
        [finalised, done] = [finalised + 1, done + 1];
        log.info({ batch: `${batchId}`, hash: receipt.hash }, 'an attribution batch is final');
      }
    },
  };
};
