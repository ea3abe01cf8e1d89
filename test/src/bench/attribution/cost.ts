import { whiten } from '@openledger/gpu-worker/attribution/influence';
import type { VersionData } from '@openledger/gpu-worker/attribution/version';
import { type Base, readBase } from '@openledger/gpu-worker/base';
import { openOnnxEngine } from '@openledger/gpu-worker/serving';
import type { Hex } from '@openledger/protocol';
import { type Figures, round } from '../report.ts';
import { requestOf } from '../serving/core.ts';
import type { Part } from './part.ts';
import { openAsking } from './world/asking.ts';
import { bodyOf, drawFacts } from './world/facts.ts';
import { randomStore, scoringTime } from './world/rows.ts';
import { type Published, publish } from './world/version.ts';

const accountOf = (contributionId: bigint): Hex => `0x${contributionId.toString(16).padStart(40, '0')}`;

/** Tokens of the question, and of the answers that are timed. */
const [asked, answered] = [64, [64, 128, 192]];

/** What attribution takes: to score an answer against many rows, to keep rows, to find their gradients, and beside the answer itself. */
export const cost: Part = {
  name: 'cost',
  async run({ base: baseFolder, folder, isQuick, threads }, progress) {
    progress('scoring 10,000 rows');
    const figures: Record<string, number> = {
      score_10k_ms: round(await scoringTime(randomStore(10_000, 512, [1n]), 15), 2),
    };
    for (const numbers of isQuick ? [512] : [512, 1_024]) {
      progress(`scoring 1,000,000 rows of ${numbers} numbers`);
      const name = numbers === 512 ? 'score_1m_ms' : `score_1m_ms_of_${numbers}`;
      figures[name] = round(await scoringTime(randomStore(1_000_000, numbers, [1n]), 7), 1);
    }
    const base = { ...(await readBase(baseFolder)), folder: baseFolder };
    progress('training an adapter, and finding the gradients of its rows');
    const contributions = drawFacts(isQuick ? 20 : 60, 1).map((fact, at) => ({
      contributionId: BigInt(at + 1),
      body: bodyOf([fact]),
    }));
    const published = await publish({ base, contributions, accountOf, folder, steps: 12, threads });
    const { store } = published.version;
    progress('answering, and attributing the answers among 10,000 rows');
    return {
      ...figures,
      bytes_per_row: store.records.length / store.count,
      numbers_per_row: store.size,
      extraction_rows_per_s: round(published.rowsPerSecond, 1),
      ...(await overhead(base, published, { turns: isQuick ? 3 : 7 })),
    };
  },
};

/** Both on one thread: the answer alone on the engine, then its attribution. */
const overhead = async (
  base: Base & { readonly folder: string },
  { version, adapter, adapterHash, adapterFolder }: Published,
  { turns }: { readonly turns: number },
): Promise<Figures> => {
  const engine = await openOnnxEngine({ folder: base.folder, threads: 1, rows: 1, queue: 8, maxRank: 8 });
  await engine.load({ hash: adapterHash, folder: adapterFolder });
  const large = among(version, 10_000);
  const text = drawFacts(8, 5)
    .map(({ answer }) => answer)
    .join(' ');
  const prompt = base.tokenizer.encode(text).slice(0, asked);
  const times: Record<string, number> = {};
  let [answering, attributing] = [0, 0];
  try {
    for (const tokens of answered) {
      const asking = await openAsking({ base, adapter, version: large, capacity: asked + tokens });
      const [ofAnswer, ofAttribution]: [number[], number[]] = [[], []];
      for (let turn = 0; turn <= turns; turn++) {
        const ids: number[] = [];
        const started = performance.now();
        const request = requestOf({ at: 0, adapter: 0, prompt, answer: tokens }, `${tokens} ${turn}`, adapterHash);
        for await (const piece of engine.generate(request)) ids.push(...piece.ids);
        const between = performance.now();
        await asking.attribute(prompt, ids);
        if (turn === 0) continue;
        ofAnswer.push(between - started);
        ofAttribution.push(performance.now() - between);
      }
      await asking.close();
      const [one, other] = [median(ofAnswer), median(ofAttribution)];
      [answering, attributing] = [answering + one, attributing + other];
      times[`overhead_ratio_at_${tokens}`] = round(other / one, 3);
    }
  } finally {
    await engine.close();
  }
  return {
    answer_ms: round(answering / answered.length, 1),
    attribution_ms: round(attributing / answered.length, 1),
    overhead_ratio: round(attributing / answering, 3),
    ...times,
  };
};

/** The same version with so many rows of its contributions, as far as scoring sees them. */
const among = (version: VersionData, rows: number): VersionData => {
  const { record } = version;
  const ids = [...version.contributions.keys()];
  const own = randomStore(rows, version.store.size, ids);
  const store = {
    ...own,
    contributionOf: (row: number) => (row < rows - record.foreignRows ? own.contributionOf(row) : 0n),
  };
  const whitening = whiten(store, { damping: 1, mostRows: 2_000 });
  // What they are changes no time.
  const norms = new Float64Array(rows).fill(whitening.norm(store.valuesOf(0)));
  return { ...version, store, whitening, norms, clusters: Uint32Array.from({ length: rows }, (_, row) => row) };
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
