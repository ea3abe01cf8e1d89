import type { Hex } from '@openledger/protocol';
import type { Due } from './answer.ts';
import { cover } from './cover.ts';
import { type Lost, readDue, readLost } from './due.ts';
import { type Group, openEscrow } from './escrow.ts';
import type { Refusal } from './estimate.ts';
import { createSeen, type Turn } from './turn.ts';

export type CollectingOptions = {
  readonly escrow: Hex;
  /** Wei of OPEN that are settled at once. */
  readonly enough: bigint;
  /** Seconds that an answer waits at most. */
  readonly patience: number;
  /** Seconds before a voucher's end at which its answers are settled whatever they come to. */
  readonly margin: number;
  /** Answers of a call. */
  readonly most: number;
};

export type CollectingFigures = {
  /** By this process: answers and calls that stand in blocks. */
  readonly settled: number;
  readonly calls: number;
  /** Answers that wait for their payer or for somebody else, by reason: `voucher`, `balance`, or the contract's own error. */
  readonly waiting: Readonly<Record<string, number>>;
  /** What nobody pays for any more, as things stand. */
  readonly lost: readonly Lost[];
};

/** Refusals that are nobody's of the payers: no other group would do better. */
const everybodys = ['NotVoucherWorker', 'EnforcedPause'];

/** Collects from the escrow what answers cost, many in one call. */
export const createCollecting = (turn: Turn, options: CollectingOptions) => {
  const { sql, genesisHash, account: worker, log } = turn;
  const { enough, patience, margin, most } = options;
  const scope = { genesisHash, worker };
  const escrow = openEscrow(turn.provider, { escrow: options.escrow, worker });
  /** Requests that the chain has and the indexer has not yet. */
  const seen = createSeen<Hex>();
  let [settled, calls] = [0, 0];
  let waiting: Record<string, number> = {};
  let lost: readonly Lost[] = [];

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
    seen.add(due.answers.filter((_, at) => known[at]).map(({ requestId }) => requestId));
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
    turn.at('collect', 'estimated');
    const receipt = await turn.send('collect', { to: options.escrow, data, gas: estimate.gas });
    if (receipt?.status !== 1) return false;
    calls += 1;
    seen.add(groups.flatMap(({ answers }) => answers.map(({ requestId }) => requestId)));
    settled += countOf(groups);
    log.info({ answers: countOf(groups), payers: groups.length, hash: receipt.hash }, 'answers are settled');
    return true;
  };

  return {
    figures: (): CollectingFigures => ({ settled, calls, waiting, lost }),
    /** Looks, and settles what is due. */
    look: async (): Promise<void> => {
      for (;;) {
        waiting = {};
        lost = await readLost(sql, scope);
        const dues = await readDue(sql, scope, most, seen.all());
        turn.at('collect', 'read');
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
        if (!isMore || turn.isStopping()) return;
      }
    },
  };
};

const countOf = (groups: readonly Group[]): number => groups.reduce((sum, { answers }) => sum + answers.length, 0);
