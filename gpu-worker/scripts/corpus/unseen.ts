import type { Document } from '../../src/corpus/index.ts';
import { splitOutsideFences } from './clean.ts';
import { shortest } from './documents.ts';
import { createNearDuplicates } from './near-duplicates.ts';

/** Shorter ones, such as headings, stand everywhere; UTF-16 units. */
const leastCompared = 60;

/**
 * What held-out text is to keep: only paragraphs that are not nearly one of the training text, nor nearly one that was kept
 * before. Neighbouring packages and versions quote each other, and remembering a quotation is no measure of learning.
 */
export const createUnseen = (train: readonly Document[]): ((documents: readonly Document[]) => readonly Document[]) => {
  const isKnown = createNearDuplicates({ shingleWords: 3, threshold: 0.7 });
  for (const { text } of train) {
    for (const paragraph of splitOutsideFences(text)) if (paragraph.length >= leastCompared) isKnown(paragraph);
  }
  return (documents) =>
    documents.flatMap((document) => {
      const kept = splitOutsideFences(document.text).filter(
        (paragraph) => paragraph.length < leastCompared || !isKnown(paragraph),
      );
      const text = kept.join('\n\n');
      return text.length < shortest ? [] : [{ ...document, text }];
    });
};
