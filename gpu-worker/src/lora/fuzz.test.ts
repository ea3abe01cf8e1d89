import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LoraError } from './errors.ts';
import { type AdapterFiles, encodeAdapter, parseAdapter } from './folder.ts';
import { randomAdapter } from './testing.ts';

// A small share of `npm run verify -- hostile-models`, which makes thousands of each kind.

const modules = { 'model.layers.0.self_attn.q_proj': [8, 6], 'model.layers.1.mlp.up_proj': [4, 4] } as const;
const files = encodeAdapter(
  randomAdapter({ modules, seed: 'fuzz', rankPattern: { 'model.layers.1.mlp.up_proj': 1 }, isRankStabilised: true }),
);

type Edit = { at: number; remove: number; put: Uint8Array };

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.oneof(fc.nat(), fc.nat(7)),
  remove: fc.constantFrom(0, 0, 1, 1, 2, 8, 40, 1_000_000),
  put: fc.oneof(
    fc.uint8Array({ maxLength: 4 }),
    fc
      .constantFrom(
        '0',
        '9',
        '-',
        '9007199254740993',
        '1e999',
        '"',
        '[',
        ']',
        '{',
        '}',
        ',',
        'null',
        'true',
        '"F64"',
        '[1,',
        '\\u',
        '..',
        '(',
        '*',
      )
      .map((text) => Buffer.from(text)),
  ),
});

const edited = (bytes: Uint8Array, edits: readonly Edit[]): Uint8Array =>
  edits.reduce((before, { at, remove, put }) => {
    const place = at % (before.length + 1);
    return Buffer.concat([before.subarray(0, place), put, before.subarray(place + remove)]);
  }, bytes);

/** As the format has it: eight bytes of the header's length, which most edits would break before anything else is read. */
const withHeaderLength = (bytes: Uint8Array, length: number) => {
  const copy = Buffer.from(bytes);
  if (copy.length >= 8) copy.writeBigUInt64LE(BigInt(length));
  return copy;
};

const refusal = (given: AdapterFiles): unknown => {
  try {
    const { modules: found } = parseAdapter(given);
    // What is taken is sound: each tensor has the bytes that its dims say.
    for (const { a, b, rank, in: inputs, out } of found.values()) {
      expect([a.dims, b.dims]).toEqual([
        [rank, inputs],
        [out, rank],
      ]);
    }
    return undefined;
  } catch (error) {
    return error;
  }
};

test('a damaged adapter is refused with the reason, never with a crash', () => {
  fc.assert(
    fc.property(
      fc.array(edit, { minLength: 1, maxLength: 3 }),
      fc.constantFrom<keyof AdapterFiles>('config', 'tensors'),
      (edits, which) => {
        const error = refusal({ ...files, [which]: edited(files[which], edits) });
        if (error !== undefined && !(error instanceof LoraError)) throw error;
      },
    ),
    { numRuns: 1_000 },
  );
});

test('a damaged header whose length fits is refused with the reason too', () => {
  const length = Number(new DataView(files.tensors.buffer).getBigUint64(0, true));
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      const header = edited(files.tensors.subarray(8, 8 + length), edits);
      const tensors = Buffer.concat([files.tensors.subarray(0, 8), header, files.tensors.subarray(8 + length)]);
      const error = refusal({ ...files, tensors: withHeaderLength(tensors, header.length) });
      if (error !== undefined && !(error instanceof LoraError)) throw error;
    }),
    { numRuns: 1_000 },
  );
});
