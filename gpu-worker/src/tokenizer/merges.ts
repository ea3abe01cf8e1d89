import { createCandidates } from './heap.ts';

/** Ids of two tokens and of the one that they become, in the order in which merges were learnt. */
export type Merge = { readonly left: number; readonly right: number; readonly merged: number };

export type MergeOptions = {
  /** Each word as ids of symbols, with how often it stands in the text. */
  words: readonly { readonly symbols: Int32Array; readonly count: number }[];
  /** How many merges at most. */
  limit: number;
  /** The id of the token that two others make: a new one, or one that is there already. */
  join: (left: number, right: number) => number;
};

/** Ids are below this, so that a pair is one exact number whose order is the order of its ids. */
const idLimit = 2 ** 20;

/**
 * Byte pair encoding (Sennrich et al. 2016): again and again the most frequent pair becomes one token, until there are
 * enough or no pair stands twice. Counts are kept up to date by visiting only the words that hold the merged pair.
 * Ties go to the pair with the smaller ids, as in Hugging Face's trainer.
 */
export const learnMerges = ({ words, limit, join }: MergeOptions): readonly Merge[] => {
  const symbols = words.map((word) => word.symbols.slice());
  const lengths = Int32Array.from(symbols, (word) => word.length);
  const visited = new Int32Array(words.length).fill(-1);
  const counts = new Map<number, number>();
  const holders = new Map<number, number[]>();
  const candidates = createCandidates();

  const add = (word: number, sign: 1 | -1, changed?: Set<number>, merged?: number) => {
    const list = symbols[word]!;
    const change = sign * words[word]!.count;
    for (let i = 1; i < lengths[word]!; i++) {
      const pair = list[i - 1]! * idLimit + list[i]!;
      counts.set(pair, (counts.get(pair) ?? 0) + change);
      changed?.add(pair);
      // Pairs without the merged token were in this word before, and its holders know.
      if (sign < 0 || (merged !== undefined && list[i - 1] !== merged && list[i] !== merged)) continue;
      const known = holders.get(pair);
      if (known === undefined) holders.set(pair, [word]);
      else if (known.at(-1) !== word) known.push(word);
    }
  };
  const merge = (word: number, left: number, right: number, merged: number) => {
    const list = symbols[word]!;
    const length = lengths[word]!;
    let to = 0;
    for (let from = 0; from < length; to++) {
      const isPair = from + 1 < length && list[from] === left && list[from + 1] === right;
      list[to] = isPair ? merged : list[from]!;
      from += isPair ? 2 : 1;
    }
    lengths[word] = to;
  };

  for (let word = 0; word < words.length; word++) add(word, 1);
  for (const [pair, count] of counts) candidates.push({ pair, count });

  const merges: Merge[] = [];
  while (merges.length < limit) {
    const best = candidates.pop();
    if (best === undefined) break;
    const count = counts.get(best.pair) ?? 0;
    if (count !== best.count) {
      // It has become rarer since it was put there; it became more frequent only with an entry of its own.
      if (count > 0 && count < best.count) candidates.push({ pair: best.pair, count });
      continue;
    }
    if (count < 2) break;
    const left = Math.floor(best.pair / idLimit);
    const right = best.pair % idLimit;
    const merged = join(left, right);
    const round = merges.push({ left, right, merged });
    const changed = new Set<number>();
    const holding = holders.get(best.pair) ?? [];
    holders.delete(best.pair);
    for (const word of holding) {
      if (visited[word] === round) continue;
      visited[word] = round;
      add(word, -1, changed);
      merge(word, left, right, merged);
      add(word, 1, changed, merged);
    }
    for (const pair of changed) {
      const now = counts.get(pair)!;
      if (now === 0) {
        counts.delete(pair);
        holders.delete(pair);
      } else if (Math.floor(pair / idLimit) === merged || pair % idLimit === merged) {
        candidates.push({ pair, count: now });
      }
    }
  }
  return merges;
};
