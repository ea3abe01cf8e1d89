import { documentAt, occurrencesOf } from './segment.ts';
import type { SpanIndex } from './spanIndex.ts';

/**
 * The documents that hold a passage, ascending, each of equal ones as the earliest of them. Ends as soon as there are more
 * than `most`, with one more than that.
 */
export const holdersOf = (index: SpanIndex, passage: Uint32Array, most: number): readonly number[] => {
  if (passage.some((token) => token >= index.vocabSize)) return [];
  const found = new Set<number>();
  for (const [at, segment] of index.segments.entries()) {
    const { first, end } = occurrencesOf(segment, passage, 0, passage.length);
    const { starts, order, tokens } = segment;
    // Occurrences that follow one another in the order are often of one document.
    let [document, from, to] = [-1, 0, 0];
    for (let place = first; place < end; place++) {
      const suffix = order[place]!;
      if (suffix >= from && suffix < to) continue;
      document = documentAt(segment, suffix);
      [from, to] = [starts[document]!, starts[document + 1] ?? tokens.length];
      found.add(index.firsts[index.offsets[at]! + document]!);
      if (found.size > most) return [...found].sort((a, b) => a - b);
    }
  }
  return [...found].sort((a, b) => a - b);
};

/** Of documents, that of the earliest commitment: of the lowest contribution, and of its own the lowest. */
export const earliestOf = (index: SpanIndex, documents: readonly number[]): number =>
  documents.reduce((best, document) => {
    const [own, other] = [index.contributionOf(best), index.contributionOf(document)];
    return other < own || (other === own && document < best) ? document : best;
  });
