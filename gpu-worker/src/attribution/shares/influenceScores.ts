import type { Algorithm } from '@openledger/protocol/attribution';
import { nullBandOf } from './nullBand.ts';
import { type Scores, summed } from './scores.ts';

/** Rows that are scored: of contributions, and foreign ones, of contribution 0, whose scores are what chance alone gives. */
export type ScoredRows = {
  readonly count: number;
  readonly contributionOf: (row: number) => bigint;
  /** For each row the first row that is the same but for little: itself where none is. */
  readonly clusters: Uint32Array;
  /** Of each row, what nullQuantile of foreign answers do not pass: its `hubness`, normalised as scores are. */
  readonly hubs: Int32Array;
};

/**
 * What rows' scores say of contributions: copies say nothing, what chance would give is taken off each row, and what is left of a
 * contribution's rows is summed. So neither copying a row nor dividing rows among contributions makes more of them.
 *
 * @param scores of each row, as `normalisedScores` has them
 */
export const influenceScores = (
  scores: Int32Array,
  { count, contributionOf, clusters, hubs }: ScoredRows,
  { influence }: Pick<Algorithm, 'influence'>,
): Scores => {
  const foreign: number[] = [];
  const first: number[] = [];
  for (let row = 0; row < count; row++) {
    if (contributionOf(row) === 0n) foreign.push(scores[row]!);
    else if (clusters[row] === row) first.push(row);
  }
  const bandOf = nullBandOf(foreign, first.length, influence);
  const least = bandOf(0);
  return summed(
    first
      .filter((row) => scores[row]! > least && scores[row]! > bandOf(hubs[row]!))
      .map((row) => [contributionOf(row), BigInt(scores[row]! - bandOf(hubs[row]!))]),
  );
};
