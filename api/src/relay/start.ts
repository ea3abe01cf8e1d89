import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase } from '@openledger/db';
import { deployment } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { ManifestError, readManifest } from '@openledger/protocol/deploy';
import pino from 'pino';
import { privateKeyToAccount } from 'viem/accounts';
import { balanceOf, genesisOf } from './chain.ts';
import { type RelayerConfig, RelayerConfigError } from './config.ts';
import { holdLock, lockKeyOf } from './lock.ts';
import { createNode, NodeError } from './node.ts';
import { emptyMemory, type Relayer, type Step } from './relayer.ts';
import { type Next, round, wrongChain } from './round.ts';
import { note } from './send.ts';
import { createRelayerMetrics, startStatusServer } from './status.ts';
import { startWake, type Wake } from './wake.ts';

export type RunningRelayer = {
  /** Where `/ready` is; null when nothing listens. */
  readonly url: string | null;
  /** The account that pays, lower-case. */
  readonly address: Hex;
  /** Lets the round under way finish. */
  readonly stop: () => Promise<void>;
};

/** Is told of each step of the work, before the next begins. */
export type RelayerHooks = { readonly onStep?: (step: Step) => void };

/** Milliseconds between two looks whether another process has let go of the signer. */
const LOCK_MS = 1000;

/**
 * Starts a relayer: it sends what `enqueue` wrote, and follows it until it is final. A second one with the same key waits
 * until the first has ended.
 * @throws RelayerConfigError for a wrong manifest, another chain than the manifest's, an unusable database, or a busy port.
 */
export async function startRelayer(
  config: RelayerConfig,
  { onStep = () => {} }: RelayerHooks = {},
): Promise<RunningRelayer> {
  const log = pino({ name: 'relayer', level: config.logLevel });
  const { chainId, genesisHash, contracts } = await readManifest(config.contractsFile).catch((error: unknown) => {
    throw error instanceof ManifestError ? new RelayerConfigError(`CONTRACTS_FILE ${error.message}`) : error;
  });
  const account = privateKeyToAccount(config.key);
  const address = account.address.toLowerCase() as Hex;
  const metrics = createRelayerMetrics();
  const options = { url: config.databaseUrl, statementTimeoutMs: 30_000 };
  // Rounds work on the connection that holds the signer's lock: without it they cannot write.
  const session = createDatabase({ ...options, max: 1, name: 'openledger-relayer' });
  const status = createDatabase({ ...options, max: 2, name: 'openledger-relayer-status' });
  const relayer: Relayer = {
    ...{ config, log, account, address, chainId, genesisHash, metrics },
    db: session.db,
    node: createNode(config.rpcUrls),
    lockKey: lockKeyOf(genesisHash, address),
    registry: contracts.DatanetRegistry,
    troubles: new Map([['round', 'It has just started: nothing has been looked at yet.']]),
    memory: emptyMemory(),
    step: onStep,
  };
  const closing = new AbortController();
  const close = () => Promise.all([session.close(), status.close()]);
  try {
    await checkChain(relayer);
    await prepare(relayer);
    relayer.memory.balance = await balanceOf(relayer);
    const server =
      config.port === undefined
        ? null
        : await startStatusServer({ relayer, db: status.db, registry: metrics.registry, port: config.port });
    const working = workInTurns(relayer, session.sql, status.sql, closing.signal);
    return {
      url: server?.url ?? null,
      address,
      stop: async () => {
        closing.abort();
        await working;
        await server?.stop();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type Session = Parameters<typeof holdLock>[0];

/** Works while it holds the signer, and waits for it otherwise. */
async function workInTurns(relayer: Relayer, session: Session, listener: Session, signal: AbortSignal): Promise<void> {
  const { log, config, lockKey, genesisHash, address } = relayer;
  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => {});
  const holds = () => holdLock(session, lockKey);
  const waits = `Another process relays with ${address} on this chain: this one waits until it ends.`;
  while (!signal.aborted) {
    const held = await holds().catch((error: Error) => fault(relayer, error));
    if (held === false) note(relayer, 'lock', waits);
    if (held !== true) {
      await pause(LOCK_MS);
      continue;
    }
    note(relayer, 'lock', null);
    relayer.memory.sentAt.clear();
    let wake: Wake | undefined;
    const lost = new AbortController();
    const work = async (): Promise<Next> => {
      if (signal.aborted || lost.signal.aborted) return null;
      if (!(await holds().catch(() => false))) {
        lost.abort();
        return null;
      }
      return round(relayer).catch(async (error: Error) => {
        fault(relayer, error);
        return new Date(Date.now() + Math.max(config.pollMs, 1000));
      });
    };
    try {
      const queue = `relay/${address}/${genesisHash.slice(2, 14)}`;
      wake = await startWake({ databaseUrl: config.databaseUrl, queue, log, work });
      const { now } = wake;
      const isNew = (payload: string) => (JSON.parse(payload) as { state?: string }).state === 'pending';
      const { unlisten } = await listener.listen('openledger_relay', (payload) => isNew(payload) && now(), now);
      log.info({ relayer: address, chainId: `${relayer.chainId}` }, 'relaying');
      await Promise.race([aborted(signal), aborted(lost.signal)]);
      await unlisten();
    } catch (error) {
      fault(relayer, error as Error);
      await pause(LOCK_MS);
    }
    await wake?.stop().catch((error: Error) => fault(relayer, error));
  }
}

function fault(relayer: Relayer, error: Error): null {
  relayer.log.error({ err: error }, 'a round failed');
  note(relayer, 'round', 'A round failed, most likely because of the database; it is logged, and tried again.');
  return null;
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** A node that does not answer may do so later; one of another chain never will. */
async function checkChain(relayer: Relayer): Promise<void> {
  try {
    const found = await genesisOf(relayer);
    if (found !== relayer.genesisHash) throw new RelayerConfigError(wrongChain(relayer.genesisHash, found));
  } catch (error) {
    if (!(error instanceof NodeError)) throw error;
    note(relayer, 'node', `No node of the chain answers as it should: ${error.message}.`);
  }
}

/** @throws RelayerConfigError when the database cannot be used, or has no tables for this. */
async function prepare({ db, genesisHash, chainId }: Relayer): Promise<void> {
  try {
    await db.insert(deployment).values({ genesisHash, chainId }).onConflictDoNothing();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : (error as Error);
    const isMissing = 'code' in cause && cause.code === '42P01';
    throw new RelayerConfigError(
      isMissing
        ? 'DATABASE_URL leads to a database without our tables: run npm run -w db migrate first.'
        : `The database at DATABASE_URL cannot be used: ${cause.message || ('code' in cause ? cause.code : cause.name)}.`,
    );
  }
}
