import { webhook } from '@openledger/db/app';
import { and, eq } from 'drizzle-orm';
import { GraphQLError } from 'graphql';
import type { Services } from '../context.ts';
import { isMissingRelation } from '../database-errors.ts';
import { createDeliverer } from './deliver.ts';
import { createGatherer, WEBHOOKS } from './gather.ts';

/** What is due is looked for this often while nobody says that there is something. */
const LOOK_MS = 1000;
/** Webhooks made, changed or deleted are noticed within this time. */
const REFRESH_MS = 2000;
const RETRY_MS = 5000;
const PRUNE_MS = 600_000;

type Options = Pick<Services, 'app' | 'appReady' | 'live' | 'genesisHash' | 'keyFor' | 'log'> & {
  /** Whether addresses that are not on the public internet are sent to as well. */
  readonly allowPrivate: boolean;
};

/**
 * Follows the chain for webhooks and sends them what is for them. Every process of the API sends; the one that holds a lock
 * in the database follows.
 */
export function startWebhooks(options: Options): { readonly stop: () => Promise<void> } {
  const { app, appReady, genesisHash, log } = options;
  const gatherer = createGatherer(options);
  const deliverer = createDeliverer(options);
  const stopping = new AbortController();
  const { signal } = stopping;
  const due = createBell();
  const changed = createBell();

  /** Runs a step over and over until it is stopped; a step that fails is tried again later, and told of once. */
  const loop = async (what: string, step: () => Promise<unknown>) => {
    let failing = false;
    while (!signal.aborted) {
      try {
        await appReady();
        await step();
        failing = false;
      } catch (error) {
        if (!failing && !isUnavailable(error) && !signal.aborted) log.warn({ err: error }, `${what} fails`);
        failing = true;
        await rest(RETRY_MS, signal);
      }
    }
  };

  const send = async () => {
    const rung = due.rung();
    if ((await deliverer.sendDue()) > 0) return;
    await Promise.race([rung, deliverer.freed(), rest(LOOK_MS, signal)]);
  };

  const follow = async () => {
    const connection = await app.sql.reserve();
    try {
      const [lock] = await connection<{ held: boolean }[]>`
        select pg_try_advisory_lock(hashtextextended(${`openledger webhooks ${genesisHash}`}, 0)) as held`;
      while (lock!.held && !signal.aborted) {
        // The lock goes with the connection: without it, another process may be following already.
        await connection`select 1`;
        const active = and(eq(webhook.genesisHash, genesisHash), eq(webhook.state, 'active'));
        const rung = changed.rung();
        await gatherer.follow(await app.db.select().from(webhook).where(active));
        await Promise.race([rung, rest(REFRESH_MS, signal)]);
      }
      if (!lock!.held) await rest(REFRESH_MS, signal);
    } finally {
      await gatherer.stop();
      await connection`select pg_advisory_unlock_all()`.catch(() => {});
      connection.release();
    }
  };

  const recover = async () => {
    await deliverer.recover();
    await rest(REFRESH_MS * 5, signal);
  };

  const hear = (webhookId: string) => {
    due.ring();
    if (webhookId !== '') changed.ring();
  };
  const prune = async () => {
    await deliverer.prune();
    await rest(PRUNE_MS, signal);
  };

  const listening = app.sql.listen(WEBHOOKS, hear).catch(() => undefined);
  const running = [
    loop('sending webhooks', send),
    loop('following for webhooks', follow),
    loop('recovering', recover),
    loop('pruning', prune),
  ];
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
      await deliverer.stop();
      await (await listening)?.unlisten().catch(() => {});
    },
  };
}

/** `rung` resolves at the next `ring`, also one that comes before anybody waits. */
function createBell() {
  let next = Promise.withResolvers<void>();
  return {
    rung: () => next.promise,
    ring: () => {
      next.resolve();
      next = Promise.withResolvers<void>();
    },
  };
}

/** Schema app is not there, or may not be written, which has been told already. */
function isUnavailable(error: unknown): boolean {
  return isMissingRelation(error) || (error instanceof GraphQLError && error.extensions.code === 'WRITES_UNAVAILABLE');
}

/** Resolves after so many milliseconds, or when it is stopped. */
function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
