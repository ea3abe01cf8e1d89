/** UTF-16 code units of a text, `until` after the last. */
export type Passage = { readonly from: number; readonly until: number };

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

/**
 * The sentences of a text, white space with the one before it (UAX #29). They cover the text without gaps; where there are more
 * than `most`, neighbours are joined to passages of about the same length.
 */
export const sentencesOf = (text: string, most: number): readonly Passage[] => {
  const ends: number[] = [];
  for (const { index, segment } of segmenter.segment(text)) {
    const end = index + segment.length;
    // White space alone says nothing.
    if (segment.trim() === '' && ends.length > 0) ends[ends.length - 1] = end;
    else ends.push(end);
  }
  const kept = ends.length <= most ? ends : spread(ends, text.length, most);
  return kept.map((until, at) => ({ from: kept[at - 1] ?? 0, until }));
};

/** Of these ends, the nearest after each `length / most`. */
const spread = (ends: readonly number[], length: number, most: number): readonly number[] => {
  const kept: number[] = [];
  for (const end of ends) {
    if (end >= ((kept.length + 1) * length) / most || end === length) kept.push(end);
  }
  return kept;
};
