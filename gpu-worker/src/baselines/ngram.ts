import { createTable, type Table } from './table.ts';

export type NgramOptions = {
  /** Tokens of each n-gram. */
  order: number;
  /** Tokens are whole numbers below this; each may follow anything. */
  vocabSize: number;
};

export type NgramModel = {
  /** Bits that the model needs for each token of a document, given those before it. */
  bits: (document: ArrayLike<number>) => Float64Array;
  /** N-grams that were seen, by their length. */
  readonly seen: readonly number[];
};

/** Three discounts, for n-grams that count once, twice, and more often. */
type Discounts = readonly [number, number, number];

/** What is known of what follows each n-gram of one length, by its index. */
type Followers = { readonly total: Float64Array; readonly discounted: Float64Array };

/**
 * An interpolated n-gram model with modified Kneser-Ney smoothing (Chen and Goodman 1998): the longest n-grams have their
 * counts, shorter ones the number of different tokens before them. A document begins with a token of its own that nothing
 * precedes, so n-grams from there have their counts (as in KenLM); its end is not predicted.
 */
export const trainNgrams = (documents: Iterable<ArrayLike<number>>, { order, vocabSize }: NgramOptions): NgramModel => {
  const begin = vocabSize;
  const tables = countNgrams(documents, order, begin);
  const discounts = tables.map((table) => discountsOf(table));
  const followers = tables.map((table, k) => followersOf(table, k === 0 ? 1 : tables[k - 1]!.size(), discounts[k]!));
  return {
    seen: tables.map((table) => table.size()),
    bits: (document) => {
      const bits = new Float64Array(document.length);
      // contexts[k] is the n-gram of the last k tokens; there is one of no token.
      let contexts = [0, tables[0]!.find(0, begin)];
      for (let i = 0; i < document.length; i++) {
        const token = document[i]!;
        const next = [0];
        let probability = 1 / vocabSize;
        for (let k = 0; k < order; k++) {
          const context = contexts[k] ?? -1;
          const total = context === -1 ? 0 : followers[k]!.total[context]!;
          const found = context === -1 ? -1 : tables[k]!.find(context, token);
          next.push(found);
          if (total === 0) continue;
          const count = found === -1 ? 0 : tables[k]!.counts.get(found);
          const kept = count - discount(discounts[k]!, count);
          probability = (kept + followers[k]!.discounted[context]! * probability) / total;
        }
        bits[i] = -Math.log2(probability);
        contexts = next.slice(0, order);
      }
      return bits;
    },
  };
};

/** tables[k] has the n-grams of k + 1 tokens, with the counts that probabilities are made of. */
const countNgrams = (documents: Iterable<ArrayLike<number>>, order: number, begin: number): readonly Table[] => {
  const tables = Array.from({ length: order }, () => createTable());
  const start = tables[0]!.put(0, begin);
  let contexts = new Int32Array(order + 1);
  let next = new Int32Array(order + 1);
  for (const document of documents) {
    // contexts[k] is the n-gram of the last k tokens; the longest one at first is the beginning itself.
    contexts[1] = start;
    for (let i = 0; i < document.length; i++) {
      const longest = Math.min(order, i + 2);
      let isNewLonger = true;
      for (let k = longest; k >= 1; k--) {
        const table = tables[k - 1]!;
        const size = table.size();
        const index = table.put(contexts[k - 1]!, document[i]!);
        // The longest counts each time it stands there; a shorter one each time a new token stands before it.
        if (k === longest || isNewLonger) table.counts.add(index);
        isNewLonger = table.size() > size;
        next[k] = index;
      }
      [contexts, next] = [next, contexts];
    }
  }
  return tables;
};

const followersOf = (table: Table, contexts: number, discounts: Discounts): Followers => {
  const total = new Float64Array(contexts);
  const discounted = new Float64Array(contexts);
  for (let index = 0; index < table.size(); index++) {
    const count = table.counts.get(index);
    total[table.prefixOf(index)]! += count;
    discounted[table.prefixOf(index)]! += discount(discounts, count);
  }
  return { total, discounted };
};

const discount = (discounts: Discounts, count: number): number =>
  count === 0 ? 0 : discounts[Math.min(count, 3) - 1]!;

/** From how many n-grams count 1, 2, 3 and 4 (Chen and Goodman, equation 26); where there are too few, KenLM's 0.5, 1, 1.5. */
const discountsOf = (table: Table): Discounts => {
  const times = [0, 0, 0, 0, 0];
  for (let index = 0; index < table.size(); index++) {
    const count = table.counts.get(index);
    if (count <= 4) times[count]!++;
  }
  const [, n1 = 0, n2 = 0, n3 = 0, n4 = 0] = times;
  const y = n1 / (n1 + 2 * n2);
  const discounts = [1 - (2 * y * n2) / n1, 2 - (3 * y * n3) / n2, 3 - (4 * y * n4) / n3] as const;
  return discounts.every((each, i) => each >= 0 && each <= i + 1) ? discounts : [0.5, 1, 1.5];
};
