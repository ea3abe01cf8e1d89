import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createOrder } from './order.ts';
import { ignored, learnedTokens, packDocuments, padExamples, rowCount } from './rows.ts';

const documents = fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 12 }), { maxLength: 8 });

test('every token of every document is predicted exactly once, and nothing else is', () => {
  fc.assert(
    fc.property(documents, fc.integer({ min: 2, max: 9 }), (texts, sequence) => {
      const rows = packDocuments(texts, { sequence, separator: 0 });
      const predicted: number[] = [];
      for (let row = 0; row < rowCount(rows); row++) {
        for (let t = 1; t < sequence; t++) {
          const label = rows.labels[row * sequence + t]!;
          if (label === ignored) continue;
          expect(rows.ids[row * sequence + t]).toBe(label);
          predicted.push(label);
        }
      }
      const held = texts.filter(({ length }) => length > 0);
      expect(predicted).toEqual(held.flatMap((text) => [...text, 0]));
      expect(learnedTokens(rows)).toBe(predicted.length);
    }),
  );
});

test('examples of their own are filled up, and neither prompts nor filling are learned', () => {
  const rows = padExamples([{ ids: [5, 6, 7], prompt: 2 }, { ids: [8] }], { sequence: 4, separator: 0 });
  expect([...rows.ids]).toEqual([5, 6, 7, 0, 8, 0, 0, 0]);
  expect([...rows.labels]).toEqual([-100, -100, 7, -100, 8, -100, -100, -100]);
  expect(() => padExamples([{ ids: [1, 2, 3] }], { sequence: 2, separator: 0 })).toThrow(
    'Example 0 has 3 tokens, a row 2: cut it, or take longer rows',
  );
});

test('each round takes every row once, in another order, and goes on from where it was saved', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 45 }), fc.integer(), (rows, taken, seed) => {
      const whole = createOrder(rows, { seed }).take(60);
      const sorted = (from: number): number[] => whole.slice(from, from + rows).sort((a, b) => a - b);
      const all = Array.from({ length: rows }, (_, row) => row);
      expect([sorted(0), sorted(rows)]).toEqual([all, all]);
      const order = createOrder(rows, { seed });
      order.take(taken);
      expect(createOrder(rows, order.state()).take(60 - taken)).toEqual(whole.slice(taken));
    }),
  );
  const order = createOrder(50, { seed: 1 });
  expect(order.take(50)).not.toEqual(order.take(50));
});
