import { type Card, cardSchema, startingAlgorithm } from '@openledger/protocol/attribution';
import { rowCount } from '../../factory/index.ts';
import { openExtractor } from '../influence/index.ts';
import { drawSubsets, type Lds, linearDatamodelingScore, mean, type Retrained, retrainSubsets } from '../lds/index.ts';
import {
  bm25,
  dataInf,
  embeddingSimilarity,
  gradDot,
  type Method,
  matrixSizes,
  normalisedInfluence,
  quantisedRows,
  random,
  samplesOf,
  storedGradients,
  whitenedCosine,
  whitenedInfluence,
} from '../methods/index.ts';
import { checkCard, clustersOf, projectionOf, unitsOf } from './check.ts';
import type { CardOptions } from './options.ts';

/** λ is one of these parts of the mean diagonal. */
const dampings = ['0.001', '0.01', '0.03', '0.1', '0.3', '1', '3', '10', '30', '100'] as const;

/**
 * Measures a version's attribution by what it is for: adapters are trained again on halves of the contributions, and each
 * method's scores are compared with what that did to the loss of texts that were held out. λ is chosen on one half of these
 * texts, figures are of the other.
 *
 * @throws CardError for what does not fit together; LdsError, DivergedError and the signal's reason as `retrainSubsets`.
 */
export const makeCard = async (options: CardOptions): Promise<Card> => {
  checkCard(options);
  const started = performance.now();
  const { base, adapter, recipe, rows, gradients, queries, subsets } = options;
  const clusters = clustersOf(options);
  const units = unitsOf(options, clusters);
  const halves = drawSubsets({ units: units.length, count: subsets.count, seed: recipe.seed });
  const losses = await retrainSubsets(base, {
    ...{ recipe, rows, queries, seeds: subsets.seeds },
    subsets: halves.map((half) => half.flatMap((unit) => units[unit]!).sort((left, right) => left - right)),
    ...(options.file !== undefined && { file: options.file }),
    ...(options.onProgress && { onProgress: options.onProgress }),
    ...(options.signal && { signal: options.signal }),
  });

  const { threads } = recipe;
  const session = { batch: 1, threads };
  const projection = projectionOf(gradients);
  const extractor = await openExtractor(base, { adapter, ...projection, ...session, sequence: queries.sequence });
  const all = Array.from({ length: rowCount(queries) }, (_, query) => query);
  const asked = await extractor.gradientsOf(queries, all).finally(extractor.close);
  const samples = await samplesOf(base, rows, { gradients: storedGradients(gradients, rowCount(rows)), ...session });
  const trained = samples.filter((_, row) => clusters[row] === row);
  const places = new Map([...clusters.keys()].filter((row) => clusters[row] === row).map((row, at) => [row, at]));
  const answers = await samplesOf(base, queries, { gradients: asked, ...session });

  const score = (method: Method, some: readonly number[], samples = 1_000): Lds => {
    const prepared = method.prepare(trained);
    const retrained: Retrained = { subsets: halves, losses: some.map((query) => losses[query]!) };
    const scores = some.map((query) => {
      const ofRows = prepared.score(answers[query]!);
      return units.map((unit) => unit.reduce((sum, row) => sum + ofRows[places.get(row)!]!, 0));
    });
    return linearDatamodelingScore(scores, retrained, { samples });
  };
  // As answers are scored: H is of what contributions taught, or of other rows, and what pays is normalised.
  const moment = options.moment ?? quantisedRows(trained);
  const { normQuantile: quantile } = startingAlgorithm.influence;
  const whitened = (damping: string) => ({ damping: Number(damping), moment, quantile });
  const [chosenOn, measuredOn] = [all.filter((query) => query % 2 === 0), all.filter((query) => query % 2 === 1)];
  const tried = dampings.map((damping) => ({
    damping,
    lds: score(normalisedInfluence(whitened(damping)), chosenOn, 1).lds,
  }));
  const { damping } = tried.reduce((best, other) => (other.lds > best.lds ? other : best));

  const methods: Method[] = [
    normalisedInfluence(whitened(damping)),
    whitenedInfluence(whitened(damping)),
    whitenedCosine(whitened(damping)),
    dataInf({ matrices: matrixSizes(extractor.projection) }),
    gradDot(),
    bm25(),
    embeddingSimilarity(),
    random({ seed: recipe.seed }),
  ];
  const figures = methods.map((method) => {
    const { lds, low, high } = score(method, measuredOn);
    return { method: method.name, lds: millionths(lds), low: millionths(low), high: millionths(high) };
  });
  return cardSchema.parse({
    schema: 'openledger.attribution-card/1',
    ...(options.modelId !== undefined && { modelId: `${options.modelId}` }),
    adapterHash: options.adapterHash,
    gradientStoreRoot: options.gradientStoreRoot,
    damping,
    figures,
    subsets: {
      count: subsets.count,
      part: millionths(mean(halves.map(({ length }) => length)) / units.length),
      seeds: subsets.seeds,
    },
    queries: { chosenOn: chosenOn.length, measuredOn: measuredOn.length },
    cost: {
      seconds: Math.round((performance.now() - started) / 1_000),
      rowsPerSecond: Math.round(options.rowsPerSecond),
      bytesPerRow: gradients.records.length / gradients.count,
    },
    ...(options.version !== undefined && { version: options.version }),
  } satisfies Card);
};

const millionths = (value: number): number => Math.round(value * 1_000_000);
