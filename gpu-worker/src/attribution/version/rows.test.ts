import { resolve } from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { ignored, learnedTokens, rowCount } from '../../factory/index.ts';
import { loadTokenizer, type Tokenizer } from '../../tokenizer/index.ts';
import { learnedOf, leftOf, rowsOf } from './rows.ts';
import { textsOf } from './texts.ts';
import { withoutCopies } from './withoutCopies.ts';

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await loadTokenizer(resolve(import.meta.dirname, '../../../base'));
});

const line = (value: unknown) => JSON.stringify(value);
const answer = 'Answers are kept for a day, then they are asked for again.';

test('what is asked is given, what is answered is learned, up to the end token', () => {
  const body = line({ question: 'How long are answers kept?', answer });
  const { rows, contributions, documents } = rowsOf([{ contributionId: 7n, body }], { tokenizer, sequence: 64 });
  expect(contributions).toEqual([7n]);
  const ids = [...rows.ids];
  const end = ids.indexOf(tokenizer.special.end!);
  expect(tokenizer.decode(ids.slice(0, end))).toBe(`Question: How long are answers kept?\nAnswer: ${answer}`);
  expect(ids[0]).toBe(tokenizer.special.begin);
  expect(learnedOf(rows).map((tokens) => tokenizer.decode([...tokens], { withSpecial: true }))).toEqual([
    ` ${answer}</s>`,
  ]);
  expect(documents.map(({ tokens }) => tokenizer.decode([...tokens]))).toEqual([` ${answer}`]);
});

test('a row is a pure function of the contributions, whatever their order, and belongs to one of them', () => {
  const bodies = [3n, 1n, 2n].map((contributionId) => ({
    contributionId,
    body: Array.from({ length: 3 }, (_, at) =>
      line({ text: `## Topic ${at}\n\nWhat ${contributionId} says. ${answer}` }),
    ).join('\n'),
  }));
  const [one, other] = [bodies, bodies.toReversed()].map((some) => rowsOf(some, { tokenizer, sequence: 96 }));
  expect(one).toEqual(other);
  expect(one!.contributions).toEqual(one!.contributions.toSorted());
  for (const [row, tokens] of learnedOf(one!.rows).entries()) {
    expect(tokenizer.decode([...tokens])).toContain(`What ${one!.contributions[row]} says`);
  }
});

test('each token that is answered is learned once, however short rows are', () => {
  const text = fc.string({
    unit: fc.constantFrom('bee ', 'hive ', 'wax\n', 'Öl ', '🐝', '# '),
    minLength: 1,
    maxLength: 80,
  });
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 40 }), (given, sequence) => {
      const body = line({ text: `x${given}` });
      const { rows, documents } = rowsOf([{ contributionId: 1n, body }], { tokenizer, sequence });
      const learned = learnedOf(rows).flatMap((tokens) => [...tokens]);
      expect(learned).toEqual([...documents.flatMap(({ tokens }) => [...tokens]), tokenizer.special.end]);
      expect(learnedTokens(rows)).toBe(learned.length);
      for (let row = 0; row < rowCount(rows); row++) {
        const own = rows.labels.subarray(row * sequence, (row + 1) * sequence);
        expect(own.some((label) => label !== ignored)).toBe(true);
      }
    }),
    { numRuns: 50 },
  );
});

test('of a contribution with many texts, some that are spread over it are taken', () => {
  const body = Array.from({ length: 10 }, (_, at) => `line number ${at}`).join('\n');
  const { documents } = rowsOf([{ contributionId: 1n, body }], { tokenizer, sequence: 32, mostTexts: 3 });
  const taken = documents.map(({ tokens }) => tokenizer.decode([...tokens]));
  expect(taken).toEqual(['line number 0', 'line number 3', 'line number 6']);
  const left = leftOf([{ contributionId: 1n, body }], 3);
  expect(textsOf(left[0]!.body).map(({ text }) => text.at(-1))).toEqual(['1', '2', '4', '5', '7', '8', '9']);
  expect(leftOf([{ contributionId: 1n, body }], 10)).toEqual([]);
});

test('a contribution has its rows once', () => {
  const twice = [1n, 1n].map((contributionId) => ({ contributionId, body: 'a text' }));
  expect(() => rowsOf(twice, { tokenizer, sequence: 32 })).toThrow('Contribution 1 is there twice');
});

test('lines are questions with answers, conversations, texts, or what they are', () => {
  const messages = [
    { role: 'system', content: 'Be kind.' },
    { role: 'user', content: 'Who?' },
    { role: 'assistant', content: 'Bees.' },
  ];
  const body = [
    line({ question: 'Who?', answer: 'Bees.' }),
    line({ messages }),
    line({ text: 'Bees.' }),
    '',
    '{"a":1}',
    '[1]',
    'Bees {',
  ];
  expect(textsOf(body.join('\n'))).toEqual([
    { question: 'Who?', text: 'Bees.' },
    { question: 'Who?', text: 'Bees.' },
    { text: 'Bees.' },
    { text: '{"a":1}' },
    { text: '[1]' },
    { text: 'Bees {' },
  ]);
});

test('copies are not learned: whoever sends a text again, even with words moved, leaves the training as it was', () => {
  const text = (seed: number) =>
    Array.from({ length: 30 }, (_, at) => ['alder', 'birch', 'cedar', 'elder', 'fir'][(at * at * seed + at) % 5]).join(
      ' ',
    );
  const own = [1, 2, 3].map((seed) => ({ contributionId: BigInt(seed), body: line({ text: text(seed) }) }));
  const moved = text(2).split(' ');
  const again = [text(2), [...moved.slice(7), ...moved.slice(0, 7)].join(' ')];
  const copied = [...own, ...again.map((copy, at) => ({ contributionId: BigInt(9 + at), body: line({ text: copy }) }))];
  const learned = (bodies: typeof own) => rowsOf(bodies, { tokenizer, sequence: 256 }).rows;
  const duplicates = { shingle: 4, similarity: 950_000 };
  expect(rowCount(learned(copied))).toBe(5);
  expect(withoutCopies(learned(copied), duplicates)).toEqual(learned(own));
});
