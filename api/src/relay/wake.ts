import { PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import type { Next } from './round.ts';

/** Calls for rounds: at once, at a moment, and each minute in any case. */
export type Wake = {
  /** Something new waits. */
  readonly now: () => void;
  /** Lets the round under way finish. */
  readonly stop: () => Promise<void>;
};

export type WakeOptions = {
  readonly databaseUrl: string;
  /** The signer's own: only one process at a time works on it. */
  readonly queue: string;
  readonly log: Logger;
  /** One round. @returns when the next is due. */
  readonly work: () => Promise<Next>;
};

/**
 * Rounds as jobs of pg-boss, in the same Postgres: what is due later is still due after a crash. The jobs carry nothing;
 * what there is to do stands in the rows.
 */
export async function startWake({ databaseUrl, queue, log, work }: WakeOptions): Promise<Wake> {
  const boss = new PgBoss({
    connectionString: databaseUrl,
    application_name: 'openledger-relayer-jobs',
    schema: 'pgboss',
    max: 3,
    registerInstance: false,
  });
  boss.on('error', (error) => log.warn({ reason: error.message }, 'pg-boss fails'));
  await boss.start();
  // At most one job of each kind waits. A job that a dead process had begun stays `active` until it expires, which would
  // stop a queue that allows one at a time: it need not, the signer's lock sees to that.
  const options = { policy: 'short', retryLimit: 0, expireInSeconds: 300, deleteAfterSeconds: 60 } as const;
  await boss.createQueue(queue, options);
  await boss.deleteAllJobs(queue);

  let timer: NodeJS.Timeout | undefined;
  let worker = '';
  const at = async (when: Date) => {
    const wait = when.getTime() - Date.now();
    const singletonKey = wait < 5_000 ? 'soon' : `at ${when.toISOString()}`;
    await boss.send(queue, null, { startAfter: when, singletonKey });
    // Its worker looks twice a second; the moment itself is known here.
    clearTimeout(timer);
    if (wait < 5_000) timer = setTimeout(() => boss.notifyWorker(worker), Math.max(wait, 0) + 5);
  };
  let isCalling = false;
  const now = () => {
    if (isCalling) return;
    isCalling = true;
    boss
      .send(queue, null, { singletonKey: 'now' })
      .then(() => boss.notifyWorker(worker))
      .catch((error: Error) => log.warn({ reason: error.message }, 'a round could not be called for'))
      .finally(() => {
        isCalling = false;
      });
  };
  worker = await boss.work(queue, { pollingIntervalSeconds: 0.5 }, async () => {
    const next = await work();
    if (next !== null) await at(next);
  });
  // Should anything be overlooked.
  await boss.schedule(queue, '* * * * *', null, { singletonKey: 'minute' });
  now();
  return {
    now,
    stop: async () => {
      clearTimeout(timer);
      await boss.stop({ graceful: true, timeout: 10_000 });
    },
  };
}
