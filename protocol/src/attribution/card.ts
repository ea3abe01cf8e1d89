import { id } from 'ethers';
import { z } from 'zod';
import { bytes32, decimal, natural, ppm, version } from '../fields.ts';

/** Under which an attribution card stands on chain, as an evaluation of its model version: `ModelRegistry.evaluate`. */
export const cardBenchmarkId = id('openledger.attribution-card/1');

const figure = z.strictObject({
  method: z.string().min(1).max(64),
  /** Linear datamodeling score: mean Spearman correlation, in parts per million, −10⁶ to 10⁶, with its 95 % interval. */
  lds: z.int().min(-1_000_000).max(1_000_000),
  low: z.int().min(-1_000_000).max(1_000_000),
  high: z.int().min(-1_000_000).max(1_000_000),
});

/**
 * How well a version's attribution predicts what retraining without rows does. Nobody is paid for answers of a version without
 * one. The score on chain is `figures[0].lds` × 10¹², 0 when negative: the default method's.
 */
export const cardSchema = z.strictObject({
  schema: z.literal('openledger.attribution-card/1'),
  modelId: natural.optional(),
  adapterHash: bytes32,
  gradientStoreRoot: bytes32,
  /** The damping λ, as a part of the mean diagonal, that did best on queries that the figures are not of. */
  damping: decimal,
  /** The default method first, then what stands beside it. */
  figures: z.array(figure).min(2),
  subsets: z.strictObject({ count: z.int().min(2), part: ppm, seeds: z.int().min(1) }),
  queries: z.strictObject({ chosenOn: z.int().min(1), measuredOn: z.int().min(1) }),
  cost: z.strictObject({ seconds: z.int().min(0), rowsPerSecond: z.int().min(0), bytesPerRow: z.int().min(1) }),
  version: version.optional(),
});

export type Card = z.output<typeof cardSchema>;
