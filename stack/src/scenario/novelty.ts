/** Texts known to a datanet, searchable for near-duplicates by the five-word phrases they share. */
export type NoveltyIndex = {
  has(key: bigint): boolean;
  add(key: bigint, text: string): void;
  /**
   * The known text, among those that `counts`, that shares most of this one's phrases.
   * @returns its key, and the share of this text's phrases found in it, from 0 to 1; undefined when none shares any.
   */
  nearest(text: string, counts: (key: bigint) => boolean): { key: bigint; share: number } | undefined;
};

const phraseWords = 5;

export function createNoveltyIndex(): NoveltyIndex {
  const holders = new Map<string, bigint[]>();
  const known = new Set<bigint>();
  return {
    has: (key) => known.has(key),
    add(key, text) {
      if (known.has(key)) return;
      known.add(key);
      for (const phrase of phrasesOf(text)) {
        const keys = holders.get(phrase);
        if (keys === undefined) holders.set(phrase, [key]);
        else keys.push(key);
      }
    },
    nearest(text, counts) {
      const phrases = phrasesOf(text);
      const shared = new Map<bigint, number>();
      for (const phrase of phrases) {
        for (const key of holders.get(phrase) ?? []) shared.set(key, (shared.get(key) ?? 0) + 1);
      }
      let best: { key: bigint; share: number } | undefined;
      for (const [key, count] of shared) {
        const share = count / phrases.size;
        if ((best === undefined || share > best.share) && counts(key)) best = { key, share };
      }
      return best;
    },
  };
}

/** The distinct phrases of five words in a row; a shorter text is one phrase. */
function phrasesOf(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const phrases = new Set<string>();
  for (let i = 0; i + phraseWords <= words.length; i++) phrases.add(words.slice(i, i + phraseWords).join(' '));
  if (phrases.size === 0) phrases.add(words.join(' '));
  return phrases;
}
