import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeAdapter, parseAdapter } from './folder.ts';
import { graft } from './graft.ts';
import { modulesOf } from './modules.ts';
import { newConfig } from './newConfig.ts';
import { createRandom } from './random.ts';
import { twoLayers } from './testing.ts';
import { arraysOf, initialArrays, sharedOptions, toPeft } from './training.ts';

const base = twoLayers();
const config = newConfig({
  rank: 3,
  alpha: 7,
  targetModules: ['q_proj'],
  rankPattern: { 'layers.1.self_attn.q_proj': 2 },
});
const shared = graft(base, sharedOptions(config, modulesOf(base)));

describe('an adapter in training', () => {
  test('has the modules, ranks and scales that its config gives', () => {
    expect(shared.modules.map(({ module, rank, scale }) => [module, rank, scale])).toEqual([
      ['model.layers.0.self_attn.q_proj', 3, 7 / 3],
      ['model.layers.1.self_attn.q_proj', 2, 7 / 2],
    ]);
  });

  test('is stored float by float, and goes on from its file as if it had never stopped', () => {
    fc.assert(
      fc.property(
        fc.infiniteStream(fc.float({ noNaN: true, noDefaultInfinity: true, max: 2 ** 100, min: -(2 ** 100) })),
        (numbers) => {
          const arrays = new Map(
            [...initialArrays(shared, 1)].map(([name, { dims, values }]) => [
              name,
              { dims, values: values.map(() => numbers.next().value as number) },
            ]),
          );
          const files = encodeAdapter(toPeft(shared, arrays, config));
          const found = arraysOf(shared, parseAdapter(files));
          for (const [name, { values }] of arrays)
            expect(Buffer.from(found.get(name)!.values.buffer).equals(Buffer.from(values.buffer))).toBe(true);
          expect(encodeAdapter(toPeft(shared, found, config))).toEqual(files);
        },
      ),
      { numRuns: 20 },
    );
  });

  test('begins as the plain base, with values that its seed alone decides', () => {
    const arrays = initialArrays(shared, 7);
    for (const { a, b, in: inputs } of shared.modules) {
      expect(arrays.get(b)!.values.every((value) => value === 0)).toBe(true);
      expect(arrays.get(a)!.values.every((value) => Math.abs(value) <= 1 / Math.sqrt(inputs))).toBe(true);
    }
    expect(initialArrays(shared, 7)).toEqual(arrays);
    expect(initialArrays(shared, 8)).not.toEqual(arrays);
    const alone = graft(base, { kind: 'shared', targets: [shared.modules[1]!.module], rank: 2, scale: 1 });
    expect(initialArrays(alone, 7).get(shared.modules[1]!.a)).toEqual(arrays.get(shared.modules[1]!.a));
  });

  test('is refused by a config that would give it another scale', () => {
    const other = newConfig({ rank: 3, alpha: 8, targetModules: ['q_proj'] });
    expect(() => toPeft(shared, initialArrays(shared, 1), other)).toThrow('was trained with rank 3 and scale 2.33');
    expect(() => toPeft(shared, new Map(), config)).toThrow('q_proj.lora_A has no values; expected [8, 3]');
    const none = newConfig({ rank: 3, alpha: 8, targetModules: ['fc1'] });
    expect(() => sharedOptions(none, modulesOf(base))).toThrow(
      'No module of the graph is one of target_modules, ["fc1"]',
    );
  });
});

test('first values are spread evenly over their range', () => {
  const random = createRandom('even');
  const counts = new Array<number>(10).fill(0);
  for (let count = 0; count < 100_000; count++) counts[Math.floor(random() * 10)]!++;
  // Five standard deviations.
  expect(counts.every((count) => Math.abs(count - 10_000) < 5 * Math.sqrt(9_000))).toBe(true);
});
