import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, Sql } from '@openledger/db';
import type { Hex } from '@openledger/protocol';
import { computeAddress, type Provider, type TransactionReceipt } from 'ethers';
import type { Logger } from 'pino';
import { type SendOptions, type SentCall, sendCall } from './send.ts';
import type { Moment, Phase, Step } from './step.ts';

/** What every part of a turn works with. */
export type Turn = {
  readonly db: Connection['db'];
  readonly sql: Sql;
  readonly provider: Provider;
  readonly chainId: bigint;
  readonly genesisHash: Hex;
  /** Who sends, lower case. */
  readonly account: Hex;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly isStopping: () => boolean;
  readonly at: (phase: Phase, step: Step) => void;
  /** Sends a call of a phase, with room for a fifth more than the gas that it was estimated at. */
  readonly send: (phase: Phase, call: SentCall) => Promise<TransactionReceipt | undefined>;
};

export type TurnOptions = {
  readonly db: Connection['db'];
  readonly sql: Sql;
  readonly provider: Provider;
  readonly chainId: bigint;
  readonly genesisHash: Hex;
  /** The private key of the account that sends. Never logged. */
  readonly key: string;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Milliseconds until the fee of what is not mined is raised; 30,000 without it. */
  readonly stuckMs?: number;
  /** Wei for a unit of gas at most; 500 gwei without it. */
  readonly maxFeePerGas?: bigint;
  /** Told of each step, for tests that let a process die at one. */
  readonly onMoment?: (moment: Moment) => void;
};

export const createTurn = (options: TurnOptions, signal: AbortSignal): Turn => {
  const { db, sql, provider, chainId, genesisHash, key, log, onMoment = () => {} } = options;
  const sending: SendOptions = {
    ...{ provider, key, chainId, signal },
    stuckMs: options.stuckMs ?? 30_000,
    maxFeePerGas: options.maxFeePerGas ?? 500_000_000_000n,
  };
  const at: Turn['at'] = (phase, step) => onMoment(`${phase} ${step}`);
  return {
    ...{ db, sql, provider, chainId, genesisHash, log, at },
    account: computeAddress(key).toLowerCase() as Hex,
    isStopping: () => signal.aborted,
    send: (phase, call) => sendCall(sending, { ...call, gas: (call.gas * 6n) / 5n }, (step) => at(phase, step)),
  };
};

/** Postgres notices within moments that a process was killed. */
const [TRIES, REST_MS] = [5, 200];

/**
 * Does something while no other process does under the same name.
 *
 * @returns false when another one does
 */
export const alone = async (sql: Sql, name: string, work: () => Promise<void>): Promise<boolean> => {
  const own = await sql.reserve();
  const lock = async () => {
    const [row] = await own<[{ held: boolean }]>`select pg_try_advisory_lock(hashtextextended(${name}, 0)) as held`;
    return row.held;
  };
  try {
    let isHeld = await lock();
    for (let tries = 1; !isHeld && tries < TRIES; tries += 1) {
      await sleep(REST_MS);
      isHeld = await lock();
    }
    if (!isHeld) return false;
    try {
      await work();
    } finally {
      await own`select pg_advisory_unlock(hashtextextended(${name}, 0))`.catch(() => {});
    }
    return true;
  } finally {
    own.release();
  }
};

/** Does one after the other, also where one fails. @throws the first error */
export const inOrder = async (works: readonly (() => Promise<void>)[]): Promise<void> => {
  const failed: unknown[] = [];
  for (const work of works) await work().catch((error: unknown) => failed.push(error));
  if (failed.length > 0) throw failed[0];
};

/** What the chain has and the indexer not yet. Forgotten after five minutes: a block that was taken back made it due again. */
export const createSeen = <Key>() => {
  const seen = new Map<Key, number>();
  return {
    add: (keys: readonly Key[]) => {
      for (const key of keys) seen.set(key, performance.now());
    },
    all: (): readonly Key[] => {
      for (const [key, at] of seen) if (performance.now() - at > SEEN_MS) seen.delete(key);
      return [...seen.keys()];
    },
  };
};

const SEEN_MS = 300_000;
