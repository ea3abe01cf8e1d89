import type { Connection } from '@openledger/db';
import { type Hex, signReceipt } from '@openledger/protocol';
import { computeAddress, Wallet } from 'ethers';
import type { Logger } from 'pino';
import { regularly } from '../regularly.ts';
import type { AdapterStore } from '../served.ts';
import type { Chain } from '../usage/chain.ts';
import { withinReason } from '../withinReason.ts';
import { readAlgorithm } from './algorithm.ts';
import type { Answered } from './answered.ts';
import { createComputing } from './computing.ts';
import { keepAttribution } from './keepAttribution.ts';
import { WaitingError, type Why } from './messages.ts';
import { createSeal, SealError } from './seal.ts';
import { countWaiting, explainWaiting, postpone, readTasks, type Task, versionKey } from './tasks.ts';

export type AttributorOptions = {
  readonly connection: Pick<Connection, 'db' | 'sql'>;
  readonly databaseUrl: string;
  readonly chain: Chain;
  /** The worker's private key: it opens what was sealed, and signs receipts. Never logged. */
  readonly key: Hex;
  /** A base in Hugging Face's layout, or one ONNX file in it. */
  readonly baseFolder: string;
  readonly store: Pick<AdapterStore, 'bring'>;
  readonly log: Pick<Logger, 'info' | 'warn' | 'debug'>;
  /** Milliseconds between two looks, and between two at a version that could not be attributed; 5,000 without it. */
  readonly everyMs?: number;
  /** Told of each step, for tests that let a process die at one. */
  readonly onStep?: (step: AttributionStep) => void;
};

/** Where an answer's attribution is: what a process may die at. */
export const attributionSteps = ['read', 'computed', 'signed', 'writing', 'written'] as const;
export type AttributionStep = (typeof attributionSteps)[number];

export type AttributorFigures = {
  /** Receipts that this process signed, and the seconds that computing them took. */
  readonly attributed: number;
  readonly seconds: number;
  /** Answers that wait, by reason; `queued` are next. */
  readonly waiting: Readonly<Record<string, number>>;
};

/** Says of answers what they drew on, after they were given. */
export type Attributor = {
  /** There is a new task. */
  readonly wake: () => void;
  /** Settles when a request has its receipt, or after so many milliseconds. */
  readonly whenReady: (requestId: Hex, ms: number) => Promise<void>;
  readonly figures: () => AttributorFigures;
  /** Ends after the answer that is under way; the others are found again at the next start. */
  readonly stop: () => Promise<void>;
};

/** Tasks that are read at once. Where so many wait, only whole answers are looked at, not their sentences. */
const AT_ONCE = 16;
const MOST_PARTS = 12;
/** Milliseconds that stopping waits for the answer under way; seconds until an answer is tried again, four times as many each time. */
const CLOSING_MS = 5_000;
const [FIRST_REST_S, LONGEST_REST_S] = [10, 3_600];

/** Reasons that are the version's: its other answers wait for the same. */
const ofVersions: readonly Why[] = ['no_base', 'no_card', 'not_attributable', 'other_base', 'no_adapter'];

/**
 * Attributes a worker's answers one after the other, oldest first, in a thread beside the engine's. What is to be done stands in
 * the database: a task is gone in the very transaction that writes its receipt, so a process may die anywhere.
 */
export const createAttributor = (options: AttributorOptions): Attributor => {
  const { connection, chain, key, store, log, databaseUrl, baseFolder, everyMs = 5_000, onStep = () => {} } = options;
  const { db, sql } = connection;
  const worker = computeAddress(key).toLowerCase() as Hex;
  const scope = { genesisHash: chain.genesisHash, worker };
  const seal = createSeal(key);
  const wallet = new Wallet(key);
  const computing = createComputing({ databaseUrl, baseFolder });
  const held = new Map<string, { readonly why: Why; readonly until: number }>();
  const awaited = new Map<Hex, Set<() => void>>();
  let [attributed, seconds, countedAt] = [0, 0, 0];
  let waiting: Readonly<Record<string, number>> = {};
  let isStopping = false;
  let isWoken = false;

  const open = (task: Task): Answered => {
    try {
      return seal.open(task.requestId, task.sealed);
    } catch (error) {
      if (error instanceof SealError) throw new WaitingError('sealed_otherwise', error.message);
      throw new WaitingError('failed', 'What was sealed of this answer is not as it should be');
    }
  };

  const adapterOf = async ({ modelId, version }: Task): Promise<{ adapterHash: Hex; adapterFolder: string }> => {
    const [row] = await sql<{ hash: Hex; uri: string }[]>`
      select adapter_hash as hash, adapter_uri as uri from chain.model_version
      where model_id = ${`${modelId}`}::numeric and version = ${version}`;
    if (row === undefined)
      throw new WaitingError('no_adapter', `Version ${version} of model ${modelId} is not on chain`);
    const adapterFolder = await store.bring(row).catch((error: Error) => {
      throw new WaitingError('no_adapter', error.message);
    });
    return { adapterHash: row.hash, adapterFolder };
  };

  const attribute = async (task: Task, mostParts: number): Promise<void> => {
    const { requestId, modelId, version, promptHash, outputHash } = task;
    const { chainId, escrow } = chain;
    const began = performance.now();
    const answered = open(task);
    const attribution = await computing.attribute({
      ...(await adapterOf(task)),
      ...{ answered, modelId, version, mostParts, algorithm: await readAlgorithm(connection) },
      request: { chainId, escrow, requestId, worker, promptHash, outputHash },
    });
    onStep('computed');
    const receipt = await signReceipt(wallet, attribution.receipt);
    onStep('signed');
    if (!(await keepAttribution(db, receipt, attribution, () => onStep('writing')))) return;
    onStep('written');
    attributed += 1;
    seconds += (performance.now() - began) / 1000;
    log.debug({ requestId, shares: receipt.shares.length }, 'an answer is attributed');
    for (const tell of awaited.get(requestId) ?? []) tell();
  };

  /** What is nobody's fault but the moment's is thrown, and all is tried again. */
  const wait = async (task: Task, error: unknown): Promise<void> => {
    if (!(error instanceof WaitingError)) throw error;
    // What was cut off by stopping is nobody's failure.
    if (isStopping) return;
    const { why, message } = error;
    const said = `${why}: ${message}`.slice(0, 1_000);
    const { modelId, version, requestId } = task;
    if (ofVersions.includes(why)) {
      const before = held.get(versionKey(task));
      held.set(versionKey(task), { why, until: performance.now() + everyMs });
      if (before?.why !== why)
        log.info({ modelId: `${modelId}`, version, why: message }, 'answers wait to be attributed');
      await explainWaiting(sql, scope, task, said);
      return;
    }
    const rest = Math.min(LONGEST_REST_S, FIRST_REST_S * 4 ** task.attempts);
    log.warn({ requestId, why: message, tries: task.attempts + 1 }, 'an answer cannot be attributed');
    await postpone(sql, requestId, said, rest);
  };

  const isHeld = (task: Task): boolean => (held.get(versionKey(task))?.until ?? 0) > performance.now();

  const count = async (): Promise<void> => {
    waiting = await countWaiting(sql, scope);
    countedAt = performance.now();
  };

  const work = async (): Promise<void> => {
    isWoken = false;
    while (!isStopping) {
      const but = [...held].filter(([, { until }]) => until > performance.now()).map(([name]) => name);
      const tasks = await readTasks(sql, scope, { but, most: AT_ONCE });
      const mostParts = tasks.length < AT_ONCE ? MOST_PARTS : 0;
      for (const task of tasks) {
        if (isStopping) break;
        if (isHeld(task)) continue;
        onStep('read');
        await attribute(task, mostParts).then(
          () => held.delete(versionKey(task)),
          (error: unknown) => wait(task, error),
        );
      }
      if (tasks.length === 0) break;
      if (performance.now() - countedAt > everyMs) await count();
    }
    await count();
  };

  const rounds = regularly(everyMs, work, (error) => {
    if (error === undefined) log.info('answers can be attributed again');
    else log.warn({ why: error.message }, 'answers cannot be attributed now; it is tried again');
  });
  return {
    wake: () => {
      if (isWoken) return;
      isWoken = true;
      void rounds.now();
    },
    whenReady: async (requestId, ms) => {
      const ready = Promise.withResolvers<void>();
      const own = awaited.get(requestId) ?? new Set();
      awaited.set(requestId, own.add(ready.resolve));
      const [found] = await sql`select from app.receipt where request_id = ${requestId}`;
      if (found === undefined) await withinReason(ready.promise, ms);
      own.delete(ready.resolve);
      if (own.size === 0) awaited.delete(requestId);
    },
    figures: () => ({ attributed, seconds, waiting }),
    stop: async () => {
      isStopping = true;
      const stopped = rounds.stop();
      await withinReason(stopped, CLOSING_MS);
      await computing.close();
      await stopped;
    },
  };
};
