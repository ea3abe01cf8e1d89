import type { Sql } from '@openledger/db';
import type { Hex } from '@openledger/protocol';
import { computeAddress, type Provider } from 'ethers';
import type { Logger } from 'pino';
import { type Regularly, regularly } from '../serving/regularly.ts';
import type { Due } from './answer.ts';
import { cover } from './cover.ts';
import { type Lost, readDue, readLost } from './due.ts';
import { type Group, openEscrow, type Refusal } from './escrow.ts';
import { type SendOptions, type Step, sendCall } from './send.ts';

export type SettlerOptions = {
  readonly sql: Sql;
  readonly provider: Provider;
  readonly chainId: bigint;
  readonly genesisHash: Hex;
  /** Address of the InferenceEscrow contract. */
  readonly escrow: Hex;
  /** The worker's private key. Never logged. */
  readonly key: string;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Wei of OPEN that are settled at once; 10^18 without it. */
  readonly enough?: bigint;
  /** Seconds that an answer waits at most; 300 without it. */
  readonly patience?: number;
  /** Seconds before a voucher's end at which its answers are settled whatever they come to; 600 without it. */
  readonly margin?: number;
  /** Answers of a call; 64 without it. */
  readonly most?: number;
  /** Milliseconds between two looks; 15,000 without it. */
  readonly everyMs?: number;
  /** Milliseconds until the fee of what is not mined is raised; 30,000 without it. */
  readonly stuckMs?: number;
  /** Wei for a unit of gas at most; 500 gwei without it. */
  readonly maxFeePerGas?: bigint;
  /** Told of each step, for tests that let a process die at one. */
  readonly onStep?: (step: Step) => void;
};

export type SettlerFigures = {
  /** By this process: answers and calls that stand in blocks. */
  readonly settled: number;
  readonly calls: number;
  /** Answers that wait for their payer or for somebody else, by reason: `voucher`, `balance`, or the contract's own error. */
  readonly waiting: Readonly<Record<string, number>>;
  /** What nobody pays for any more, as things stand. */
  readonly lost: readonly Lost[];
};

export type Settler = {
  readonly figures: () => SettlerFigures;
  /** Looks, and settles what is due. */
  readonly now: () => Promise<void>;
  /** Ends; what is under way is found again at the next start. */
  readonly stop: () => Promise<void>;
};

/** Milliseconds. */
const SEEN_MS = 300_000;

/** Refusals that are nobody's of the payers: no other group would do better. */
const everybodys = ['NotVoucherWorker', 'EnforcedPause'];

/**
 * Collects what a worker's answers cost, many in one call. It remembers nothing: what is due follows from the database, and
 * whether it was taken from the escrow itself, so that a process which dies anywhere loses nothing and takes nothing twice.
 * One process at a time settles for a worker.
 */
export const createSettler = (options: SettlerOptions): Settler => {
  const { sql, provider, genesisHash, key, log, chainId } = options;
  const { enough = 10n ** 18n, patience = 300, margin = 600, most = 64, onStep = () => {} } = options;
  const worker = computeAddress(key).toLowerCase() as Hex;
  const scope = { genesisHash, worker };
  const escrow = openEscrow(provider, { escrow: options.escrow, worker });
  const stopping = new AbortController();
  const sending: SendOptions = {
    ...{ provider, key, chainId, signal: stopping.signal, step: onStep },
    stuckMs: options.stuckMs ?? 30_000,
    maxFeePerGas: options.maxFeePerGas ?? 500_000_000_000n,
  };
  /** Requests that the chain has and the indexer has not yet, and when that was seen. */
  const seen = new Map<Hex, number>();
  let [settled, calls] = [0, 0];
  let waiting: Record<string, number> = {};
  let lost: readonly Lost[] = [];
  let told = '';

  const isRipe = (dues: readonly Due[]): boolean => {
    const now = Date.now() / 1000;
    const fees = dues.reduce((sum, { answers }) => answers.reduce((all, { fee }) => all + fee, sum), 0n);
    return (
      fees >= enough ||
      dues.some(({ expiry, answers }) => Number(expiry) < now + margin || answers[0]!.endedAt <= now - patience)
    );
  };
  const wait = (why: string, answers: number) => {
    waiting[why] = (waiting[why] ?? 0) + answers;
  };

  /** Forgotten after a while: a block that was taken back made them due again. */
  const fresh = (): readonly Hex[] => {
    for (const [id, at] of seen) if (performance.now() - at > SEEN_MS) seen.delete(id);
    return [...seen.keys()];
  };
  const see = (ids: readonly Hex[]) => {
    for (const id of ids) seen.set(id, performance.now());
  };

  /** What of the answers the chain has not, and pays for. */
  const coveredOf = async (due: Due): Promise<Group> => {
    const [standing, known] = await Promise.all([
      escrow.standing(due),
      Promise.all(due.answers.map(({ requestId }) => escrow.isSettled(requestId))),
    ]);
    const { taken, waiting: left } = cover(
      due.answers.filter((_, at) => !known[at]),
      standing,
    );
    see(due.answers.filter((_, at) => known[at]).map(({ requestId }) => requestId));
    for (const { lacks } of left) wait(lacks, 1);
    return { due, answers: taken };
  };

  /** Leaves out of a group what the contract refuses; undefined when nothing is left or it is refused as a whole. */
  const acceptable = async (group: Group): Promise<Group | Refusal | undefined> => {
    for (let rest = group.answers; rest.length > 0; ) {
      const estimate = await escrow.estimate(escrow.encode([{ ...group, answers: rest }]));
      if (!('refused' in estimate)) return { ...group, answers: rest };
      const { name, args } = estimate.refused;
      if (everybodys.includes(name)) return estimate.refused;
      const [modelId, version] = args;
      const left =
        name === 'UnknownVersion'
          ? rest.filter((each) => each.modelId !== modelId || BigInt(each.version) !== version)
          : [];
      wait(name, rest.length - left.length);
      rest = left;
    }
    return undefined;
  };

  /** @returns whether something was settled, and more may be. */
  const settle = async (groups: readonly Group[]): Promise<boolean> => {
    if (groups.length === 0) return false;
    const data = escrow.encode(groups);
    const estimate = await escrow.estimate(data);
    if ('refused' in estimate) {
      const { name } = estimate.refused;
      const sound: Group[] = [];
      if (!everybodys.includes(name)) {
        for (const group of groups) {
          const kept = await acceptable(group);
          if (kept !== undefined && 'due' in kept) sound.push(kept);
        }
        const isLess = countOf(sound) < countOf(groups);
        if (isLess) return settle(sound);
        // Each is taken alone and not together: too much for a block.
        return groups.length > 1 ? settle(groups.slice(0, Math.ceil(groups.length / 2))) : false;
      }
      wait(name, countOf(groups));
      return false;
    }
    onStep('estimated');
    const receipt = await sendCall(sending, { to: options.escrow, data, gas: (estimate.gas * 6n) / 5n });
    if (receipt?.status !== 1) return false;
    calls += 1;
    see(groups.flatMap(({ answers }) => answers.map(({ requestId }) => requestId)));
    settled += countOf(groups);
    log.info({ answers: countOf(groups), payers: groups.length, hash: receipt.hash }, 'answers are settled');
    return true;
  };

  const look = async (): Promise<void> => {
    for (;;) {
      waiting = {};
      lost = await readLost(sql, scope);
      const dues = await readDue(sql, scope, most, fresh());
      onStep('read');
      if (dues.length === 0 || !isRipe(dues)) return;
      const groups: Group[] = [];
      let room = most;
      for (const due of dues) {
        if (room === 0) break;
        const group = await coveredOf(due);
        const answers = group.answers.slice(0, room);
        if (answers.length > 0) groups.push({ due, answers });
        room -= answers.length;
      }
      const isFull = room === 0;
      if (!isFull && !isRipe(groups.map(({ due, answers }) => ({ ...due, answers })))) return;
      const isMore = await settle(groups);
      if (!isMore || stopping.signal.aborted) return;
    }
  };

  const alone = async (): Promise<void> => {
    const own = await sql.reserve();
    const name = `settler ${genesisHash} ${worker}`;
    try {
      const [row] = await own<[{ held: boolean }]>`select pg_try_advisory_lock(hashtextextended(${name}, 0)) as held`;
      if (!row.held) return;
      try {
        await look();
      } finally {
        await own`select pg_advisory_unlock(hashtextextended(${name}, 0))`.catch(() => {});
      }
    } finally {
      own.release();
    }
    const state = JSON.stringify([waiting, lost.map(({ why, answers }) => [why, answers])]);
    if (state !== told && state !== '[{},[]]') {
      log.warn(
        { waiting, lost: lost.map(({ fees, ...each }) => ({ ...each, fees: `${fees}` })) },
        'answers are not paid',
      );
    }
    told = state;
  };

  const rounds: Regularly = regularly(options.everyMs ?? 15_000, alone, (error) => {
    if (error === undefined) log.info('answers can be settled again');
    else log.warn({ why: error.message }, 'answers cannot be settled now; it is tried again');
  });
  return {
    figures: () => ({ settled, calls, waiting, lost }),
    now: rounds.now,
    stop: async () => {
      stopping.abort();
      await rounds.stop();
    },
  };
};

const countOf = (groups: readonly Group[]): number => groups.reduce((sum, { answers }) => sum + answers.length, 0);
