import { expect, it } from 'vitest';
import { everywhere as beginsWord, document, indexOf, seed, settings } from './index.fixture.ts';
import { recheckSpans } from './recheckSpans.ts';
import { type Span, spansOf } from './spans.ts';

const index = indexOf([
  document(2, 1, 2, 3, 0),
  document(3, 2, 3, 4, 5),
  document(4, 8, 4, 5, 6, 7),
  document(5, 4, 5),
]);
const options = { seed, settings: { ...settings, documents: 2 }, answerTokens: 9 };
const spans = spansOf(index, [1, 2, 3, 4, 5, 9, 8, 4, 5], { ...options, beginsWord });

it('finds nothing wrong with what was found', () => {
  expect(spans.map(({ from, to }) => [from, to])).toEqual([
    [0, 3],
    [1, 5],
    [6, 9],
  ]);
  expect(recheckSpans(index, spans, options)).toEqual([]);
});

const changed = (place: number, change: (span: Span) => Partial<Span>): readonly Span[] =>
  spans.map((span, at) => (at === place ? { ...span, ...change(span) } : span));

it.each<[string, readonly Span[], string]>([
  ['a frequency', changed(1, () => ({ frequency: 2 })), 'span 1 (tokens 1 to 5): frequency 2, the index has 1'],
  ['a document', changed(0, () => ({ documents: [3] })), 'span 0 (tokens 0 to 3): documents 3, the index has 0'],
  [
    'a document left out',
    changed(2, () => ({ documents: [] })),
    'span 2 (tokens 6 to 9): documents none, the index has 2',
  ],
  [
    'tokens that no document has',
    changed(2, () => ({ tokens: [8, 4, 6] })),
    'span 2 (tokens 6 to 9): stands in no document',
  ],
  ['another token', changed(1, () => ({ tokens: [2, 3, 4, 9] })), 'span 1 (tokens 1 to 5): stands in no document'],
  ['tokens too few', changed(2, () => ({ tokens: [8, 4] })), 'span 2 (tokens 6 to 9): has 2 tokens, not 3'],
  [
    'two that contradict each other',
    changed(1, () => ({ tokens: [3, 4, 5], to: 4 })),
    'span 1 (tokens 1 to 4): token 1 is 3 here and 2 in another span',
  ],
  [
    'one beyond the answer',
    changed(2, () => ({ from: 7, to: 10 })),
    "span 2 (tokens 7 to 10): lies outside the answer's 9 tokens",
  ],
  [
    'one within another',
    [spans[0]!, ...spans],
    'span 1 (tokens 0 to 3): is not after the one before it, or a part of it',
  ],
  ['too many of them', Array.from({ length: 10 }, () => spans[0]!), '10 spans; an answer of 9 tokens has 9 at most'],
])('names what was changed: %s', (_, evidence, line) => {
  expect(recheckSpans(index, evidence, options)).toContain(line);
});

it('names documents that were drawn by another seed', () => {
  const many = indexOf([
    ...Array.from({ length: 30 }, (_, at) => document(at + 1, 1, 2, 3, 50 + at)),
    document(99, ...Array.from({ length: 800 }, (_, at) => 100 + at)),
  ]);
  const drawn = spansOf(many, [1, 2, 3], { seed, settings: options.settings, beginsWord });
  expect(recheckSpans(many, drawn, { ...options, answerTokens: 3 })).toEqual([]);
  const [line] = recheckSpans(many, drawn, { ...options, answerTokens: 3, seed: `0x${'6'.repeat(64)}` });
  expect(line).toMatch(/^span 0 \(tokens 0 to 3\): documents 0, \d+, the index has 0, \d+$/);
});
