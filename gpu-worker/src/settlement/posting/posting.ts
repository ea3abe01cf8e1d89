import { setImmediate } from 'node:timers/promises';
import { putContents } from '@openledger/db';
import type { Hex } from '@openledger/protocol';
import { paymentOf } from '@openledger/protocol/attribution';
import { openLedger } from '../ledger.ts';
import { createSeen, type Turn } from '../turn.ts';
import { batchContentOf } from './batchContent.ts';
import { type Attributable, readReceipt } from './receipt.ts';
import { markPosted, readAccepted, readUnposted, type Unposted } from './unposted.ts';

export type PostingOptions = {
  readonly ledger: Hex;
  /** Seconds that a receipt waits at most for others to be posted with. */
  readonly patience: number;
  /** Receipts of a batch, at most 256. */
  readonly most: number;
};

export type PostingFigures = {
  /** By this process: receipts and batches that stand in blocks. */
  readonly posted: number;
  readonly batches: number;
  /** Receipts of settled answers that are in no batch and wait for more than time, by reason. */
  readonly unposted: Readonly<Record<string, number>>;
};

/** Refusals that concern the whole batch: nothing of it would do better alone. */
const everybodys = ['UnknownAlgorithm', 'NotWorkerOperator', 'EnforcedPause'];

/** Refusals of one request, which is their first argument. */
const requests = [
  'NotRequestWorker',
  'AlreadyAttributed',
  'LengthMismatch',
  'ContributionsNotAscending',
  'ContributionNotInTraining',
  'AmountsDoNotAddUp',
];

/** A receipt with what is known of its answer. */
type Ready = Attributable & { readonly row: Unposted };

/** Posts the receipts of settled answers in batches, whose document everybody can read before the chain names it. */
export const createPosting = (turn: Turn, { ledger: address, patience, most }: PostingOptions) => {
  const { sql, db, chainId, account: worker, log } = turn;
  const ledger = openLedger(turn.provider, { ledger: address, account: worker });
  /** Requests that a batch carries of which the indexer does not know yet. */
  const seen = createSeen<Hex>();
  /** Requests that cannot be posted as they are. */
  const unusable = new Map<Hex, string>();
  let [posted, batches] = [0, 0];
  let refused: Record<string, number> = {};

  const setAside = (requestId: Hex, why: string) => {
    unusable.set(requestId, why);
    log.warn({ requestId, why }, 'a receipt is left out');
  };

  const readReady = async (): Promise<readonly Ready[]> => {
    const rows = await readUnposted(sql, { worker, most: 2 * most, but: [...seen.all(), ...unusable.keys()] });
    const carried = await Promise.all(rows.map(({ requestId }) => ledger.isAttributed(requestId)));
    seen.add(rows.filter((_, at) => carried[at]).map(({ requestId }) => requestId));
    const ready: Ready[] = [];
    for (const [at, row] of rows.entries()) {
      if (carried[at]) continue;
      // A signature takes milliseconds, and the worker answers meanwhile.
      await setImmediate();
      const read = row.isRefuted ? { unusable: 'refuted_by_dispute' } : readReceipt(row, { chainId, worker });
      if ('unusable' in read) setAside(row.requestId, read.unusable);
      else ready.push({ ...read, row });
    }
    return ready;
  };

  /**
   * Receipts of one algorithm that go together. What was revoked goes in batches a quarter as large each time, so that one that
   * is wrong is found, and keeps fewer from being paid.
   */
  const groupsOf = (ready: readonly Ready[]): readonly (readonly Ready[])[] => {
    const groups = Map.groupBy(ready, ({ receipt, row }) => `${receipt.algorithmId} ${row.revocations}`);
    return [...groups.values()].map((group) => group.slice(0, sizeOf(group[0]!.row.revocations)));
  };
  const sizeOf = (revocations: number) => Math.max(1, Math.floor(most / 4 ** revocations));

  const isRipe = (group: readonly Ready[]): boolean =>
    group.length === sizeOf(group[0]!.row.revocations) ||
    group.some(({ row }) => row.receiptAt <= Date.now() / 1000 - patience);

  /** @returns whether the batch stands in a block, and more may be posted */
  const post = async (group: readonly Ready[], gone: ReadonlySet<bigint> = new Set()): Promise<boolean> => {
    if (group.length === 0) return true;
    const { algorithmId } = group[0]!.receipt;
    const named = group.flatMap(({ receipt }) => receipt.shares.map(({ contributionId }) => BigInt(contributionId)));
    const accepted = await readAccepted(sql, named);
    const attributions = group.map(({ receipt, contributorsPart }) => ({
      requestId: receipt.requestId,
      ...paymentOf(contributorsPart, receipt, (id) => accepted.has(id) && !gone.has(id)),
    }));
    const { body, ...content } = batchContentOf({ chainId, ledger: address, worker, algorithmId }, group);
    const data = ledger.encodePost({ worker, algorithmId, ...content, attributions });
    const estimate = await ledger.estimate(data);
    if ('refused' in estimate) {
      const { name, args } = estimate.refused;
      // The indexer is behind: it left the datanet meanwhile.
      if (name === 'ContributionNotAccepted' && !gone.has(args[1] as bigint)) {
        return post(group, new Set([...gone, args[1] as bigint]));
      }
      if (everybodys.includes(name)) {
        refused[name] = (refused[name] ?? 0) + group.length;
        return false;
      }
      const one = requests.includes(name)
        ? (args[0] as Hex)
        : group.length === 1
          ? group[0]!.receipt.requestId
          : undefined;
      // None alone is refused, but all together: too much for a block.
      if (one === undefined) return post(group.slice(0, Math.ceil(group.length / 2)), gone);
      if (name === 'AlreadyAttributed') seen.add([one]);
      else setAside(one, name);
      return post(
        group.filter(({ receipt }) => receipt.requestId !== one),
        gone,
      );
    }
    turn.at('post', 'estimated');
    await putContents(db, [{ mediaType: 'application/json', body }]);
    turn.at('post', 'stored');
    const mined = await turn.send('post', { to: address, data, gas: estimate.gas });
    if (mined?.status !== 1) return false;
    seen.add(group.map(({ receipt }) => receipt.requestId));
    [posted, batches] = [posted + group.length, batches + 1];
    log.info({ receipts: group.length, hash: mined.hash }, 'an attribution batch is posted');
    return true;
  };

  const unposted = (): Record<string, number> => {
    const counts = { ...refused };
    for (const why of unusable.values()) counts[why] = (counts[why] ?? 0) + 1;
    return counts;
  };

  return {
    figures: (): PostingFigures => ({ posted, batches, unposted: unposted() }),
    /** Looks, and posts what is due. */
    look: async (): Promise<void> => {
      await markPosted(sql, worker);
      for (;;) {
        refused = {};
        const groups = groupsOf(await readReady()).filter(isRipe);
        turn.at('post', 'read');
        let isMore = false;
        for (const group of groups) {
          if (turn.isStopping()) return;
          isMore = (await post(group)) || isMore;
        }
        if (!isMore || turn.isStopping()) return;
      }
    },
  };
};
