import { expect, test } from 'vitest';
import { evaluate, ignored, padExamples, trainAdapter } from '../../factory/index.ts';
import { exampleBase, exampleRecipe, exampleRows } from '../lds/example.fixture.ts';
import { drawLabels } from './drawLabels.ts';

const shape = { sequence: 12, separator: 1 };

test('labels are drawn where something is learned, as often as the adapted model says', async () => {
  const base = await exampleBase();
  const data = exampleRows(20, { subjects: 2, seed: 1 });
  const { adapter, model, parameters } = await trainAdapter({ ...exampleRecipe, base, data });
  // A label of position 2 is drawn after 60 and 3.
  const examples = [
    { ids: [60, 3, 9, 5], prompt: 2 },
    { ids: [60, 7, 8], prompt: 1 },
  ];
  const rows = padExamples(examples, shape);
  const draws = 2_000;
  const options = { adapter, rows, draws, seed: 5, threads: 1 };
  const drawn = await drawLabels(base, options);
  expect(await drawLabels(base, options)).toEqual(drawn);

  const row = (values: Int32Array, at: number) => [...values.subarray(at * 12, (at + 1) * 12)];
  const counts = new Map<number, number>();
  for (let draw = 0; draw < draws; draw++) {
    for (const at of [0, 1]) {
      expect(row(drawn.ids, 2 * draw + at)).toEqual(row(rows.ids, at));
      const [labels, own] = [row(drawn.labels, 2 * draw + at), row(rows.labels, at)];
      expect(labels.map((label) => label === ignored)).toEqual(own.map((label) => label === ignored));
    }
    const label = row(drawn.labels, 2 * draw)[2]!;
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const frequent = [...counts].sort(([, left], [, right]) => right - left).slice(0, 3);
  for (const [label, count] of frequent) {
    const alone = padExamples([{ ids: [60, 3, label], prompt: 2 }], shape);
    const { loss } = await evaluate(model, { rows: alone, batch: 1, threads: 1, parameters });
    const chance = Math.exp(-loss);
    expect(Math.abs(count / draws - chance)).toBeLessThan(4 * Math.sqrt((chance * (1 - chance)) / draws));
  }
});
