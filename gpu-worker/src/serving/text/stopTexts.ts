export type StopTexts = {
  /** What is certain after this much more text, and whether a stop text came: then it is all there is. */
  readonly push: (text: string) => StoppedText;
  /** What was held back, when no more text comes. */
  readonly end: () => string;
};

export type StoppedText = { readonly text: string; readonly isStopped: boolean };

/**
 * Lets text through up to the first of the stop texts, holding back what may become one. The first is the one that is
 * complete first, and of those the longest: so it does not matter in which pieces the text comes.
 */
export const createStopTexts = (stop: readonly string[]): StopTexts => {
  let held = '';
  return {
    push: (text) => {
      held += text;
      const found = firstOf(stop, held);
      if (found !== undefined) {
        const before = held.slice(0, found);
        held = '';
        return { text: before, isStopped: true };
      }
      const certain = held.length - longestBeginning(stop, held);
      const given = held.slice(0, certain);
      held = held.slice(certain);
      return { text: given, isStopped: false };
    },
    end: () => {
      const rest = held;
      held = '';
      return rest;
    },
  };
};

/** Where the stop text begins that is complete first. */
const firstOf = (stop: readonly string[], text: string): number | undefined => {
  let first: { start: number; end: number } | undefined;
  for (const each of stop) {
    const start = text.indexOf(each);
    if (start === -1) continue;
    const end = start + each.length;
    if (first === undefined || end < first.end || (end === first.end && start < first.start)) first = { start, end };
  }
  return first?.start;
};

/** Length of the longest end of the text with which a stop text begins. */
const longestBeginning = (stop: readonly string[], text: string): number => {
  let longest = 0;
  for (const each of stop) {
    for (let length = Math.min(each.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(each.slice(0, length))) longest = length;
    }
  }
  return longest;
};
