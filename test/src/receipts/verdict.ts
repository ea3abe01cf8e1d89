/** Something that is said otherwise than what follows from the chain and public contents. */
export type Difference = {
  /** Where: `receipt.shares.2.ppm`, `batch.root`, `list.rewards`, … */
  readonly field: string;
  readonly said: string;
  readonly found: string;
};

/** What came of recomputing one receipt, epoch or adapter version. */
export type Verdict = {
  /** `receipt 0x…`, `epoch 3`, `adapter 2 version 1`. */
  readonly subject: string;
  /** What was recomputed and is as it is said, in words. */
  readonly matches: readonly string[];
  /** None when everything is right. */
  readonly differences: readonly Difference[];
  /** What could not be recomputed here, and why; mostly nothing. */
  readonly unchecked: readonly string[];
};

/**
 * A verdict in one line.
 *
 * @example
 * lineOf({ subject: 'epoch 3', matches: ['its total', '7 rewards'], differences: [], unchecked: [] })
 * // epoch 3 is right: its total, 7 rewards
 */
export const lineOf = ({ subject, matches, differences, unchecked }: Verdict): string => {
  const left = unchecked.length === 0 ? '' : `; not recomputed: ${unchecked.join(', ')}`;
  if (differences.length === 0) return `${subject} is right: ${matches.join(', ')}${left}`;
  const first = differences
    .slice(0, most)
    .map(({ field, said, found }) => `${field} is ${short(said)}, not ${short(found)}`);
  const more = differences.length > most ? `; and ${differences.length - most} more` : '';
  return `${subject} is wrong: ${first.join('; ')}${more}${left}`;
};

/** Differences that a line names. */
const most = 5;

const short = (text: string): string => (text.length > 120 ? `${text.slice(0, 117)}…` : text);
