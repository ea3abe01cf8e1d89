import type { Difference, Verdict } from './verdict.ts';

/** What is found out about a subject, one comparison after another. */
export type Findings = {
  /** Notes whether a field is as it was found. @returns whether it is */
  readonly same: (field: string, said: string | number | bigint, found: string | number | bigint) => boolean;
  readonly wrong: (field: string, said: string, found: string) => void;
  /** Notes what was recomputed in full, unless something of it was wrong since `begin`. */
  readonly right: (what: string, begin?: number) => void;
  /** Notes what cannot be recomputed here, and why. */
  readonly unchecked: (what: string) => void;
  /** How much is wrong so far. */
  readonly wrongs: () => number;
  readonly verdict: () => Verdict;
};

export const createFindings = (subject: string): Findings => {
  const matches: string[] = [];
  const differences: Difference[] = [];
  const unchecked: string[] = [];
  const wrong: Findings['wrong'] = (field, said, found) => void differences.push({ field, said, found });
  return {
    same: (field, said, found) => {
      const isSame = String(said) === String(found);
      if (!isSame) wrong(field, String(said), String(found));
      return isSame;
    },
    wrong,
    right: (what, begin = differences.length) => {
      if (differences.length === begin) matches.push(what);
    },
    unchecked: (what) => void unchecked.push(what),
    wrongs: () => differences.length,
    verdict: () => ({ subject, matches, differences, unchecked }),
  };
};
