import type { Hex } from '@openledger/db/chain';
import type { Logger } from 'pino';
import type { ApiDatabase } from '../context.ts';
import { explainDatabaseError } from '../database-errors.ts';
import { userError } from '../errors.ts';
import type { Halt } from '../halt.ts';
import { type ChainSnapshot, type ChainWindow, endOf, finalPosition } from './chain-window.ts';
import type { Position } from './cursor.ts';
import { connectLive } from './database.ts';
import { type FeedMessage, type Finality, moveOn } from './messages.ts';
import { readMark, readSnapshot, WindowError } from './snapshot.ts';
import type { Queue } from './subscriber.ts';

/** Everything that happens on the chains, once for all who follow it in this process. */
export type Feed = {
  readonly genesisHash: Hex;
  /** What is not final yet, by chain. @throws while it is not open */
  readonly windows: () => ReadonlyMap<bigint, ChainWindow>;
  /** Changes whenever the windows do. */
  readonly revision: () => number;
  readonly db: () => ApiDatabase;
  /** Begins to follow, unless it does. @returns what ends it, for this follower. @throws INDEX_NOT_READY, INDEX_HALTED */
  readonly open: () => Promise<() => void>;
  /** Calls back after each change of the chains or of what is being relayed, and with an error when the feed ends. */
  readonly onChange: (listener: (error?: Error) => void) => () => void;
  /** From now on, messages of this finality go into the queue. */
  readonly attach: (finality: Finality, queue: Queue<FeedMessage>) => () => void;
  /** Ends every stream. */
  readonly stop: () => Promise<void>;
};

export type FeedOptions = {
  readonly databaseUrl: string;
  readonly genesisHash: Hex;
  readonly readHalt: () => Promise<Halt | null>;
  readonly log: Logger;
};

/** The tables are looked at this often while nobody says that they changed. */
const POLL_MS = 250;
/** And read in any case this often. */
const UNTOLD_MS = 5000;
const RETRY_MS = 1000;
/** Somebody who comes again at once finds the feed open. */
const LINGER_MS = 5000;
/** Ponder notifies the first with each block that it has written, the relayer the second with each change of state. */
const [BLOCKS, RELAYS] = ['chain_live_query', 'openledger_relay'] as const;

export const streamEnded = (why: string) =>
  userError('STREAM_ENDED', `${why} Nothing is lost: subscribe again with the last cursor as "after".`);

export function createFeed({ databaseUrl, genesisHash, readHalt, log }: FeedOptions): Feed {
  let windows: Map<bigint, ChainWindow> | null = null;
  let failure: Error | null = null;
  let revision = 0;
  let mark: string | null = null;
  /** Something was written that the mark may not show: a block in place of another with the same number and time. */
  let isToldOfChange = false;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let running: { connection: ReturnType<typeof connectLive>; done: Promise<void>; wake: () => void } | null = null;
  let followers = 0;
  let stopped = false;
  let idleSince = 0;
  const listeners = new Set<(error?: Error) => void>();
  const readers: Record<Finality, Set<Queue<FeedMessage>>> = { LATEST: new Set(), FINAL: new Set() };

  const fail = (error: Error) => {
    failure = error;
    windows = null;
    mark = null;
    revision += 1;
    for (const queues of Object.values(readers)) {
      for (const queue of queues) queue.end(error);
      queues.clear();
    }
    for (const listener of listeners) listener(error);
  };

  const tell = (finality: Finality, messages: readonly FeedMessage[]) => {
    for (const queue of readers[finality]) for (const message of messages) queue.push(message);
  };

  const apply = (chains: readonly ChainSnapshot[]) => {
    const known = windows;
    if (known !== null && (known.size !== chains.length || chains.some(({ chainId }) => !known.has(chainId)))) {
      fail(streamEnded('The index has been given other chains.'));
    }
    const { next, latest, final } = moveOn(windows ?? new Map(), chains);
    windows = next;
    failure = null;
    revision += 1;
    tell('LATEST', latest);
    tell('FINAL', final);
  };

  const look = async (db: ApiDatabase) => {
    const halt = await readHalt();
    if (halt) return fail(userError('INDEX_HALTED', `${halt.reason} ${halt.remedy}`));
    const isDue = isToldOfChange || performance.now() - lookedAt > UNTOLD_MS;
    isToldOfChange = false;
    const seen = await readMark(db);
    if (seen === null || (seen === mark && windows !== null && !isDue)) return;
    lookedAt = performance.now();
    const snapshot = await readSnapshot(db, windows ?? new Map());
    if (snapshot.kind === 'waiting') return;
    mark = seen;
    apply(snapshot.chains);
    for (const listener of listeners) listener();
  };

  const run = async (connection: ReturnType<typeof connectLive>, nudged: () => Promise<void>) => {
    let failing = false;
    while (!stopped && (followers > 0 || performance.now() - idleSince < LINGER_MS)) {
      try {
        await look(connection.db);
        failing = false;
      } catch (error) {
        if (error instanceof WindowError) fail(streamEnded('More happened at once than can be followed.'));
        const code = explainDatabaseError(error)?.code;
        // While it restarts, the indexer may lock its tables for longer than a statement may take.
        if (!failing) log.warn(code ? { code } : { err: error }, 'what happens cannot be read; it is tried again');
        failing = true;
      }
      await (failing ? pause(RETRY_MS) : nudged());
    }
    running = null;
    windows = null;
    mark = null;
    await connection.close();
  };

  const start = () => {
    const connection = connectLive(databaseUrl);
    let wake = () => {};
    let early = false;
    const nudge = () => {
      isToldOfChange = true;
      early = true;
      wake();
    };
    const nudged = async () => {
      if (!early) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, POLL_MS);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      early = false;
    };
    const tellListeners = () => {
      for (const listener of listeners) listener();
    };
    // Without them, it is looked at every POLL_MS all the same.
    connection.sql.listen(BLOCKS, nudge).catch(() => {});
    connection.sql.listen(RELAYS, tellListeners).catch(() => {});
    running = { connection, done: run(connection, nudged), wake: nudge };
  };

  const firstLook = async () => {
    const deadline = performance.now() + 5000;
    while (windows === null) {
      const halt = await readHalt();
      if (halt) throw userError('INDEX_HALTED', `${halt.reason} ${halt.remedy}`);
      if (stopped) throw streamEnded('The server is stopping.');
      if (performance.now() > deadline) {
        throw userError('INDEX_NOT_READY', 'The index is not there yet, or catches up after a restart. See /ready.');
      }
      await pause(20);
    }
  };

  return {
    genesisHash,
    windows: () => {
      if (windows === null) throw failure ?? streamEnded('The index cannot be followed just now.');
      return windows;
    },
    revision: () => revision,
    db: () => {
      if (running === null) throw streamEnded('The server is stopping.');
      return running.connection.db;
    },
    open: async () => {
      if (stopped) throw streamEnded('The server is stopping.');
      followers += 1;
      if (running === null) start();
      let released = false;
      const release = () => {
        if (released) return;
        released = true;
        followers -= 1;
        idleSince = performance.now();
      };
      try {
        await firstLook();
      } catch (error) {
        release();
        const explained = explainDatabaseError(error);
        throw explained ? userError(explained.code, explained.message) : error;
      }
      return release;
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    attach: (finality, queue) => {
      readers[finality].add(queue);
      return () => readers[finality].delete(queue);
    },
    stop: async () => {
      stopped = true;
      fail(streamEnded('The server is stopping.'));
      running?.wake();
      await running?.done;
    },
  };
}

/** Where somebody begins who wants what happens from now on. */
export function startHere(feed: Feed, finality: Finality): Map<bigint, Position> {
  return new Map(
    [...feed.windows().values()].map((window) => [
      window.chainId,
      finality === 'FINAL' ? finalPosition(window.finalId) : endOf(window),
    ]),
  );
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
