import { putContents } from '@openledger/db';
import type { Hex } from '@openledger/protocol';
import { type Regularly, regularly } from '../../serving/regularly.ts';
import { createFinalising, type FinalisingFigures } from '../finalising.ts';
import type { Phase } from '../step.ts';
import { alone, createTurn, inOrder, type TurnOptions } from '../turn.ts';
import { openDistributor, type Standing } from './distributor.ts';
import { type RewardContent, readRewards, rewardContentOf } from './rewards.ts';

export type KeeperOptions = TurnOptions & {
  /** Addresses of the RewardDistributor and the AttributionLedger contracts. */
  readonly distributor: Hex;
  readonly ledger: Hex;
  /** Seconds from one closing to the next at least; the chain's own EPOCH_LENGTH without it. */
  readonly every?: number;
  /** Blocks behind an epoch's end until its root is proposed; 30 without it. */
  readonly confirmations?: number;
  /** Seconds that a worker has for making its own batches final; 600 without it. */
  readonly grace?: number;
  /** Milliseconds between two looks; 15,000 without it. */
  readonly everyMs?: number;
};

export type KeeperFigures = FinalisingFigures & {
  /** By this process. */
  readonly closed: number;
  readonly proposed: number;
  readonly accepted: number;
  /**
   * Why a closed epoch has no accepted root yet, where it is more than time: `index_behind`, `index_disagrees`, `root_revoked`,
   * `root_of_others`, or the contract's own error.
   */
  readonly waits: string | undefined;
  /** Why the last look failed. */
  readonly trouble: string | undefined;
};

export type Keeper = {
  readonly figures: () => KeeperFigures;
  /** Looks, and does what is due. */
  readonly now: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/**
 * Closes epochs, proposes what they pay, and makes it claimable. A root is proposed when the index has come to the epoch's end
 * and its sum is what the chain itself says became payable by then; one that others proposed is accepted only when it is the
 * same. Like the settler it remembers nothing: what is to be done next follows from the chain.
 */
export const createKeeper = (options: KeeperOptions): Keeper => {
  const { sql, db, chainId, genesisHash, log, every = 0, confirmations = 30 } = options;
  const stopping = new AbortController();
  const turn = createTurn(options, stopping.signal);
  const address = options.distributor;
  const distributor = openDistributor(options.provider, { distributor: address, account: turn.account });
  const finalising = createFinalising(turn, { ledger: options.ledger, worker: undefined, grace: options.grace ?? 600 });
  let [closed, proposed, accepted] = [0, 0, 0];
  let waits: string | undefined;
  /** What was said in the log last. */
  let told: string | undefined;
  let trouble: string | undefined = 'It has just started: nothing has been looked at yet.';

  const wait = (why: string, more: object = {}): false => {
    if (told !== why && why !== 'index_behind') log.warn({ why, ...more }, 'an epoch waits');
    waits = why;
    return false;
  };

  /** @param store done when the call would be taken, before it is sent */
  const act = async (phase: Phase, data: Hex, store: () => Promise<void> = async () => {}): Promise<boolean> => {
    const estimate = await distributor.estimate(data);
    if ('refused' in estimate) return wait(estimate.refused.name);
    turn.at(phase, 'estimated');
    await store();
    const mined = await turn.send(phase, { to: address, data, gas: estimate.gas });
    return mined?.status === 1;
  };

  const close = async ({ now, lastEnd, epochLength, funded, total }: Standing): Promise<boolean> => {
    turn.at('close', 'read');
    const length = epochLength > BigInt(every) ? epochLength : BigInt(every);
    // One in which nothing became payable would end for nothing: it goes on.
    if (now < lastEnd + length || funded === total) return false;
    const isDone = await act('close', distributor.encodeClose());
    if (isDone) closed += 1;
    return isDone;
  };

  /** What the index comes to for an epoch; false where that cannot be relied on. */
  const contentOf = async (epochId: bigint, total: bigint, block: bigint): Promise<RewardContent | false> => {
    const rewards = await readRewards(sql, epochId);
    if (rewards === undefined || rewards.block + BigInt(confirmations) > block) return wait('index_behind');
    if (rewards.total !== total) {
      return wait('index_disagrees', { epoch: `${epochId}`, indexed: `${rewards.total}`, chain: `${total}` });
    }
    return rewardContentOf({ chainId, distributor: address, epochId }, rewards);
  };

  const propose = async ({ epochId, total, acceptedTotal, pending, block }: Standing): Promise<boolean> => {
    turn.at('propose', 'read');
    if (pending !== undefined || total === acceptedTotal) return false;
    const content = await contentOf(epochId, total, block);
    if (content === false) return false;
    const { root, hash, uri, body } = content;
    const [revoked] = await sql<{ id: string }[]>`
      select id from chain.reward_root where epoch_id = ${`${epochId}`}::numeric and root = ${root} and status = 'revoked' limit 1`;
    // The guardian or a dispute took this very root back: somebody has to look at it.
    if (revoked !== undefined) return wait('root_revoked', { epoch: `${epochId}`, root });
    const isDone = await act('propose', distributor.encodePropose(epochId, root, hash, uri), async () => {
      await putContents(db, [{ mediaType: 'application/json', body }]);
      turn.at('propose', 'stored');
    });
    if (isDone) proposed += 1;
    if (isDone) log.info({ epoch: `${epochId}`, root }, 'a reward root is proposed');
    return isDone;
  };

  const accept = async ({ pending, now, block }: Standing): Promise<boolean> => {
    turn.at('accept', 'read');
    if (pending === undefined || now < pending.validAt) return false;
    const { epochId, root } = pending;
    const content = await contentOf(epochId, await distributor.totalOf(epochId), block);
    if (content === false) return false;
    if (content.root !== root) return wait('root_of_others', { epoch: `${epochId}`, root, indexed: content.root });
    const isDone = await act('accept', distributor.encodeAccept(epochId));
    if (isDone) accepted += 1;
    if (isDone) log.info({ epoch: `${epochId}`, root }, 'a reward root is accepted: it can be claimed');
    return isDone;
  };

  /** One thing at a time, each after a new look at the chain, until there is nothing to do. */
  const keep = async (): Promise<void> => {
    for (let isMore = true; isMore && !stopping.signal.aborted; ) {
      told = waits;
      const standing = await distributor.standing();
      waits = undefined;
      isMore = (await accept(standing)) || (await propose(standing)) || (await close(standing));
      if (told !== undefined && waits === undefined) log.info({ why: told }, 'an epoch waits no longer');
    }
  };
  const round = async (): Promise<void> => {
    await alone(sql, `epochs ${genesisHash}`, () => inOrder([finalising.look, keep]));
    trouble = undefined;
  };
  const rounds: Regularly = regularly(
    options.everyMs ?? 15_000,
    () =>
      round().catch((error: unknown) => {
        trouble = error instanceof Error ? error.message : String(error);
        throw error;
      }),
    (error) => {
      if (error === undefined) log.info('epochs are kept again');
      else log.warn({ why: error.message }, 'epochs cannot be kept now; it is tried again');
    },
  );
  return {
    figures: () => ({ ...finalising.figures(), closed, proposed, accepted, waits, trouble }),
    now: rounds.now,
    stop: async () => {
      stopping.abort();
      await rounds.stop();
    },
  };
};
