import { type FreshProtocol, startFreshProtocol } from '../drive/index.ts';
import { type Backfill, measureBackfill } from './backfill.ts';
import { settleDensely, transferSparsely } from './chains.ts';
import { measureLimit } from './limit.ts';
import { measureLive } from './live.ts';
import { openPlace, type Place } from './place.ts';
import { type Bench, type Figures, round } from './report.ts';

const dense = { events: 100_000, transactionsPerBlock: 10 };
/** The same twice, but for the number of events. */
const hundredThousand = { events: 100_000, transactionsPerBlock: 100 };
const million = { events: 1_000_000, transactionsPerBlock: 100 };
const sparseBlocks = 5_000;
const liveBlocks = 60;
/** The best of these counts, of the indexer as of the limit: on a machine that others use too, it is the least disturbed. */
const rounds = 3;

/**
 * How fast the indexer is: history from its start until it is ready, on a dense chain and on a sparse one, against the
 * limit of this machine in the same run; and how soon a live block can be seen through GraphQL.
 *
 * `--million` measures instead whether cost grows with the events alone: ten times the dense chain against the dense one.
 */
export const indexing: Bench = {
  name: 'indexing',
  flags: ['--million'],
  async run(flags, progress) {
    const place = await openPlace();
    try {
      return flags.has('--million') ? await growth(place, progress) : await speed(place, progress);
    } finally {
      await place.close();
    }
  },
};

async function speed(place: Place, progress: (message: string) => void): Promise<Figures> {
  const { runs, limits } = await onChain(
    (fresh) => settleDensely(fresh, dense, progress),
    async (fresh) => {
      const runs: Backfill[] = [];
      const limits: { events: number; seconds: number }[] = [];
      for (let round = 1; round <= rounds; round++) {
        progress(`dense chain, round ${round} of ${rounds}`);
        limits.push(await limitOf(place, fresh));
        runs.push(await measureBackfill(place, fresh, 300_000));
      }
      return { runs, limits };
    },
  );
  const indexed = fastest(runs);
  const limit = fastest(limits);
  const sparse = await onChain(
    (fresh) => transferSparsely(fresh, sparseBlocks, progress),
    (fresh) => measureBackfill(place, fresh, 300_000),
  );
  progress('live blocks');
  const live = (await measureLive(place, liveBlocks, progress)).toSorted((a, b) => a - b);
  return {
    dense_events_per_s: round(perSecond(indexed)),
    sparse_events_per_s: round(perSecond(sparse)),
    limit_events_per_s: round(perSecond(limit)),
    dense_of_limit: round(perSecond(indexed) / perSecond(limit), 3),
    live_p50_ms: round(at(live, 0.5)),
    live_p95_ms: round(at(live, 0.95)),
    rss_mb: Math.max(indexed.rssMb, sparse.rssMb),
  };
}

async function growth(place: Place, progress: (message: string) => void): Promise<Figures> {
  const few = await onChain(
    (fresh) => settleDensely(fresh, hundredThousand, progress),
    (fresh) => measureBackfill(place, fresh, 300_000),
  );
  const many = await onChain(
    (fresh) => settleDensely(fresh, million, progress),
    (fresh) => measureBackfill(place, fresh, 1_800_000),
  );
  return {
    hundred_thousand_s: round(few.seconds, 1),
    million_s: round(many.seconds, 1),
    million_ratio: round(many.seconds / few.seconds, 2),
    million_rss_mb: many.rssMb,
  };
}

/** Makes a chain, does something with it, and ends it. */
async function onChain<result>(
  make: (fresh: FreshProtocol) => Promise<void>,
  use: (fresh: FreshProtocol) => Promise<result>,
): Promise<result> {
  // Only logs and blocks are asked for.
  const fresh = await startFreshProtocol({ statesKept: 2 });
  try {
    await make(fresh);
    return await use(fresh);
  } finally {
    await fresh.stop();
  }
}

async function limitOf(place: Place, fresh: FreshProtocol) {
  return measureLimit(fresh.rpcUrl, fresh.manifest, await place.createDatabase());
}

const perSecond = ({ events, seconds }: { events: number; seconds: number }) => events / seconds;

const fastest = <run extends { seconds: number }>(runs: readonly run[]): run =>
  runs.reduce((best, run) => (run.seconds < best.seconds ? run : best));

/** The value that a share of the sorted values does not exceed. */
const at = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
