import { expect, test } from 'vitest';
import { adapterOf, tensorsOf } from './adapter.ts';
import { clearSlot, createBank, packBank, slotBytes, writeSlot } from './bank.ts';
import { LoraError } from './errors.ts';
import { graft } from './graft.ts';
import { f32, i64, largestDifference, openSession, randomAdapter, randoms, twoLayers } from './testing.ts';

const q = 'model.layers.0.self_attn.q_proj';
const o = 'model.layers.0.self_attn.o_proj';
const sizes = { [q]: [8, 6], [o]: [6, 8] } as const;
const served = graft(twoLayers(), { kind: 'bank', targets: [q, o], rank: 3 });
const first = randomAdapter({ modules: sizes, seed: 'first', rank: 3 });
const second = randomAdapter({ modules: { [o]: [6, 8] }, seed: 'second', rank: 1 });

const arrays = (bank: ReturnType<typeof createBank>) =>
  [...bank.feeds].map(([name, { data }]) => [name, Array.from(data)]);

test('a slot written over is as if it had never held another adapter', () => {
  const bank = packBank(served, [first]);
  writeSlot(bank, 1, second);
  expect(arrays(bank)).toEqual(arrays(packBank(served, [second])));
  clearSlot(bank, 1);
  expect(arrays(bank)).toEqual(arrays(createBank(served, { slots: 2 })));
});

test('writing a slot leaves the others alone, and the plain base in slot 0', () => {
  const bank = packBank(served, [first, second, first]);
  const before = packBank(served, [first, second, first]);
  writeSlot(bank, 2, first);
  writeSlot(bank, 2, second);
  expect(arrays(bank)).toEqual(arrays(before));
  expect(
    [...bank.modules.values()].every(({ aBank, in: inputs, rank }) =>
      aBank.subarray(0, inputs * rank).every((value) => value === 0),
    ),
  ).toBe(true);
});

test('an open session sees a slot that is written, without feeding new arrays', async () => {
  const bank = packBank(served, [first], { slots: 2 });
  const session = await openSession(served.model);
  const feeds = {
    x: f32([1, 2, 8], randoms('x', 16)),
    slot: i64([1]),
    ...Object.fromEntries([...bank.feeds].map(([name, { data, dims }]) => [name, f32(dims, data)])),
  };
  const logits = async () => Float32Array.from((await session.run(feeds)).logits!.data as Float32Array);
  const before = await logits();
  writeSlot(bank, 1, second);
  const swapped = await logits();
  writeSlot(bank, 1, first);
  expect(await logits()).toEqual(before);
  expect(largestDifference(before, swapped)).toBeGreaterThan(1e-3);
  await session.release();
});

test('an adapter in half precision takes the slot with the same numbers', () => {
  const { tensors, metadata } = tensorsOf(first);
  const halves = new Map(
    [...tensors].map(([name, { dims, data }]) => {
      const values = Float16Array.from(new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4));
      return [name, { dtype: 'F16' as const, dims, data: new Uint8Array(values.buffer) }];
    }),
  );
  const singles = new Map(
    [...halves].map(([name, { dims, data }]) => [
      name,
      { dtype: 'F32' as const, dims, data: new Uint8Array(Float32Array.from(new Float16Array(data.buffer)).buffer) },
    ]),
  );
  const packed = (given: typeof tensors) =>
    arrays(packBank(served, [adapterOf(first.config, { tensors: given, metadata })]));
  expect(packed(halves)).toEqual(packed(singles));
});

test('an adapter of a model with a head fits an export without one, and the other way', () => {
  const bare = randomAdapter({ modules: { 'layers.0.self_attn.q_proj': [8, 6] }, seed: 'bare' });
  const full = randomAdapter({ modules: { [q]: [8, 6] }, seed: 'full' });
  expect(
    packBank(served, [bare])
      .modules.get(q)!
      .aBank.some((value) => value !== 0),
  ).toBe(true);
  expect(
    packBank(served, [full])
      .modules.get(q)!
      .aBank.some((value) => value !== 0),
  ).toBe(true);
});

test('an adapter that does not fit is refused, and its slot left as it was', () => {
  const bank = packBank(served, [first]);
  const before = arrays(bank);
  const refused = [
    [randomAdapter({ modules: { 'model.layers.9.self_attn.q_proj': [8, 6] }, seed: 'a' }), 'which this bank has not'],
    [
      randomAdapter({ modules: { [q]: [8, 7] }, seed: 'b' }),
      'is for 8 inputs and 7 outputs; the base has 8 inputs and 6 outputs',
    ],
    [randomAdapter({ modules: sizes, seed: 'c', rank: 4 }), 'has rank 4; slots of this bank hold up to 3'],
  ] as const;
  for (const [adapter, message] of refused) {
    expect(() => writeSlot(bank, 1, adapter)).toThrow(LoraError);
    expect(() => writeSlot(bank, 1, adapter)).toThrow(message);
  }
  expect(() => writeSlot(bank, 0, first)).toThrow('Slot 0 cannot be written');
  expect(() => writeSlot(bank, 2, first)).toThrow('Slot 2 cannot be written; this bank has 1 to 1');
  expect(arrays(bank)).toEqual(before);
});

test('a bank larger than its memory is refused before it is made', () => {
  expect(slotBytes(served)).toBe(4 * 3 * (14 + 14));
  expect(() => createBank(served, { slots: 2 ** 40 })).toThrow('at most 4294967296 are allowed');
});
