import type { Hex } from '@openledger/protocol';
import type { Algorithm, Evidence } from '@openledger/protocol/attribution';
import { chanceOf } from './chance.ts';
import { draw } from './draw.ts';
import { earliestOf, holdersOf } from './holders.ts';
import { passagesOf } from './passages.ts';
import type { SpanIndex } from './spanIndex.ts';

/** A passage of an answer that stands in the documents, as a receipt's evidence has it. */
export type Span = Evidence['spans'][number];

export type SpanOptions = {
  /** The receipt's: what is drawn by lot is drawn by it. */
  readonly seed: Hex;
  readonly settings: Algorithm['spans'];
  /** Whether a word begins with the answer's token at this place; see `wordBeginnings`. */
  readonly beginsWord: (place: number) => boolean;
};

/** Matches nothing, not even the separator of documents. */
const noToken = 0xffff_ffff;

/**
 * The passages of an answer that stand word for word in what the version was trained on, more surprising than chance, and
 * where: for each the earliest document that holds it, which is paid, and others drawn by lot, which show how common it is.
 *
 * @param answer the generated tokens; ids that the tokenizer has not are in no passage. @returns in the order of the answer.
 */
export const spansOf = (index: SpanIndex, answer: ArrayLike<number>, options: SpanOptions): readonly Span[] => {
  const { seed, settings, beginsWord } = options;
  const { segments, surprise, vocabSize } = index;
  const tokens = Uint32Array.from(answer, (token) => (token < vocabSize ? token : noToken));
  const chance = chanceOf(index, tokens.length);
  const passages = passagesOf(tokens, { segments, surprise, beginsWord, perMille: settings.perMille, chance });
  return passages.map(({ from, to }) => {
    const span = { from, to, tokens: [...tokens.subarray(from, to)] };
    return { ...span, ...standingOf(index, span, seed, settings) };
  });
};

/**
 * How many documents hold a passage, and those that are named: the earliest and others by lot, ascending; none where it
 * stands in more than the algorithm's `mostFrequent`, and then the frequency is one more than that.
 */
export const standingOf = (
  index: SpanIndex,
  { from, to, tokens }: Pick<Span, 'from' | 'to' | 'tokens'>,
  seed: Hex,
  { documents, mostFrequent }: Algorithm['spans'],
): Pick<Span, 'frequency' | 'documents'> => {
  const holders = holdersOf(index, Uint32Array.from(tokens), mostFrequent);
  if (holders.length === 0 || holders.length > mostFrequent) return { frequency: holders.length, documents: [] };
  const earliest = earliestOf(index, holders);
  const others = holders.filter((document) => document !== earliest);
  const named = [earliest, ...draw(others, documents - 1, seed, { from, to })];
  return { frequency: holders.length, documents: named.sort((a, b) => a - b) };
};
