import type { IntakeFinding } from '@openledger/db/app';
import { type Prose, proseOf } from './prose.ts';
import { type Reading, unitOf } from './row.ts';

/** A text as the rules see it; what is dear to compute is computed once. */
export type Sight = {
  readonly unit: string;
  readonly rows: readonly Prose[];
  readonly text: string;
  /** Words of prose, lower case. */
  readonly words: readonly string[];
  /** Letters and digits; a character of Chinese or Japanese counts as two and a half. */
  readonly letters: number;
  /** Whether rows are records (CSV, JSON Lines), not pieces of one document. */
  readonly records: boolean;
};

/** Says what a rule found; undefined when it found nothing. */
export type Rule = (sight: Sight) => IntakeFinding | undefined;

export function sightOf({ rows, mediaType }: Reading): Sight {
  const prose = rows.map(proseOf);
  return {
    unit: unitOf(mediaType),
    rows: prose,
    text: rows.map(({ content }) => content).join('\n'),
    words: prose.flatMap(({ words }) => words),
    letters: prose.reduce(
      (sum, { tokens }) =>
        sum + tokens.reduce((all, token) => all + token.length * (token.charCodeAt(0) > 0x2e00 ? 2.5 : 1), 0),
      0,
    ),
    records: mediaType === 'application/jsonl' || mediaType === 'text/csv',
  };
}

/** Severity by two thresholds. */
export function graded(
  check: string,
  value: number,
  thresholds: { hold: number; refuse: number },
  explanation: () => string,
): IntakeFinding | undefined {
  if (!(value >= thresholds.hold)) return undefined;
  return {
    check: `quality.${check}`,
    outcome: value >= thresholds.refuse ? 'refuse' : 'hold',
    explanation: explanation(),
  };
}
