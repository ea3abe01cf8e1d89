import { keccak256, toUtf8Bytes } from 'ethers';
import { z } from 'zod';
import { canonicalJson } from '../canonical-json.ts';
import { method, ppm } from '../fields.ts';
import type { Hex } from '../hex.ts';

/**
 * How evidence becomes shares: every number that the division of a fee depends on. Governance allows an algorithm by the hash of
 * this (`AttributionLedger.setAlgorithm`), so that a change of any number is a change that was voted on.
 */
export const algorithmSchema = z.strictObject({
  schema: z.literal('openledger.algorithm/1'),
  /** Of the contributors' part, what each kind of evidence decides, among the kinds that an answer has. */
  kinds: z.strictObject({ influence: ppm, spans: ppm, retrieval: ppm }),
  influence: z.strictObject({
    method,
    /**
     * Rows' scores are divided by √(gᵀH⁻¹g), but by no less than this quantile of what rows have: 0 makes them cosines, 1,000,000
     * leaves them in proportion to influence itself. Between, ordinary rows keep their proportion, and none gains by being extreme.
     */
    normQuantile: ppm,
    /** The null band: scores up to this quantile of the foreign rows' scores are nobody's. */
    nullQuantile: ppm,
    /**
     * What the square of that band grows by, ppm, each time that the rows double, since the best of more rows is better by chance alone:
     * of n it is about σ√(2 ln n) (Donoho and Johnstone, 1994), and 95 % of foreign rows lie below 1.645 σ,
     * which is 512,300. Less lets weak evidence be paid, and floods with it.
     */
    nullGrowth: z.int().min(0).max(10_000_000),
    /** Scores, in millionths of the most that a row can have, below which their sum leaves a rest unattributed. */
    floor: z.int().min(1),
  }),
  spans: z.strictObject({
    /** Spans that are kept, as a part of the answer's tokens, in thousandths. */
    perMille: z.int().min(1).max(1_000),
    /** Documents of a span, at most. */
    documents: z.int().min(1).max(100),
    /** A span that stands in more documents than this is nobody's. */
    mostFrequent: z.int().min(1),
    /** Surprise, in millionths of a nat for each token of the answer, below which the sum leaves a rest unattributed. */
    floor: z.int().min(1),
  }),
  retrieval: z.strictObject({
    /** Millionths of a nat that the passages add to the answer's log-probability, below which a rest stays unattributed. */
    floor: z.int().min(1),
    /** A regression that explains less of held-out masks than this pays nobody. */
    leastFit: ppm,
  }),
  duplicates: z.strictObject({
    /** Tokens of a shingle, and the Jaccard similarity of shingles or of bags of tokens from which rows are one. */
    shingle: z.int().min(1).max(16),
    similarity: ppm.min(1),
  }),
  /**
   * The most that one contribution, and all of one account, get of an answer's contributors' part. At first everything: whoever is capped
   * gets around it with more contributions or accounts, so that a cap pays for dividing.
   */
  caps: z.strictObject({ contribution: ppm, account: ppm }),
  /** Contributions of a receipt and of a payment, at most. */
  mostContributions: z.int().min(1).max(64),
});

export type Algorithm = z.output<typeof algorithmSchema>;

/** What workers use until governance says otherwise. */
export const startingAlgorithm: Algorithm = {
  schema: 'openledger.algorithm/1',
  kinds: { influence: 700_000, spans: 300_000, retrieval: 500_000 },
  influence: {
    method: { name: 'whitened-projected-influence', version: '1' },
    normQuantile: 950_000,
    nullQuantile: 950_000,
    nullGrowth: 210_000,
    floor: 250_000,
  },
  spans: { perMille: 50, documents: 10, mostFrequent: 1_000, floor: 300_000 },
  retrieval: { floor: 1_000_000, leastFit: 500_000 },
  duplicates: { shingle: 4, similarity: 700_000 },
  caps: { contribution: 1_000_000, account: 1_000_000 },
  mostContributions: 64,
};

/** keccak256 of its canonical JSON: its name on chain. */
export const algorithmId = (algorithm: Algorithm): Hex => keccak256(toUtf8Bytes(canonicalJson(algorithm))) as Hex;
