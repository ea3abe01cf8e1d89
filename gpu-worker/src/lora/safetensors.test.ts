import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LoraError } from './errors.ts';
import { type Dtype, dtypeBytes, toFloat32 } from './floats.ts';
import { readSafetensors, type SafeTensor, type Safetensors, writeSafetensors } from './safetensors.ts';

const dtypes = Object.keys(dtypeBytes) as Dtype[];

const tensor = fc
  .record({ dtype: fc.constantFrom(...dtypes), dims: fc.array(fc.nat(4), { maxLength: 4 }) })
  .chain(({ dtype, dims }) => {
    const bytes = dims.reduce((product, dim) => product * dim, dtypeBytes[dtype]);
    return fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((data): SafeTensor => ({ dtype, dims, data }));
  });
const file: fc.Arbitrary<Safetensors> = fc.record({
  tensors: fc
    .dictionary(
      fc.string({ unit: 'grapheme', maxLength: 12 }).filter((name) => name !== '__metadata__'),
      tensor,
      { maxKeys: 6 },
    )
    .map((tensors) => new Map(Object.entries(tensors))),
  metadata: fc.dictionary(fc.string(), fc.string(), { maxKeys: 1 }).map((entries) => new Map(Object.entries(entries))),
});

/** A file with this header, and this many bytes of tensors. */
const withHeader = (header: unknown, bytes = 0) => {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(bytes)]);
};

test('what is written is read again, and written again to the same bytes', () => {
  fc.assert(
    fc.property(file, (given) => {
      const bytes = writeSafetensors(given);
      const found = readSafetensors(bytes);
      const plain = ({ tensors, metadata }: Safetensors) => ({
        metadata,
        tensors: new Map([...tensors].map(([name, { dtype, dims, data }]) => [name, { dtype, dims, data: [...data] }])),
      });
      expect(plain(found)).toEqual(plain(given));
      expect(Buffer.compare(writeSafetensors(found), bytes)).toBe(0);
      expect((bytes.length - [...given.tensors.values()].reduce((sum, { data }) => sum + data.length, 0)) % 8).toBe(0);
    }),
  );
});

test('the bytes are those of the official library', () => {
  // safetensors/src/tensor.rs, test_serialization_forced_alignement and test_empty
  const values = Float32Array.of(0, 1, 2, 3, 4, 5);
  const attn0: SafeTensor = { dtype: 'F32', dims: [1, 1, 2, 3], data: new Uint8Array(values.buffer) };
  const text = Buffer.from(writeSafetensors({ tensors: new Map([['attn0', attn0]]), metadata: new Map() }));
  expect(text.subarray(0, 80).toString('latin1')).toBe(
    'H\0\0\0\0\0\0\0{"attn0":{"dtype":"F32","shape":[1,1,2,3],"data_offsets":[0,24]}}       ',
  );
  expect(text.subarray(80).equals(Buffer.from(values.buffer))).toBe(true);
  const empty = writeSafetensors({ tensors: new Map(), metadata: new Map([['framework', 'pt']]) });
  expect(Buffer.from(empty).toString('latin1')).toBe('(\0\0\0\0\0\0\0{"__metadata__":{"framework":"pt"}}     ');
});

test('half precision becomes single precision exactly', () => {
  const halves = Float16Array.of(1, -2.5, 65504, 2 ** -24, Number.POSITIVE_INFINITY);
  expect(toFloat32('F16', new Uint8Array(halves.buffer))).toEqual(Float32Array.from(halves));
  const brains = Uint16Array.of(0x3f80, 0xc020, 0x0001, 0x7f80);
  expect(toFloat32('BF16', new Uint8Array(brains.buffer))).toEqual(
    Float32Array.of(1, -2.5, 2 ** -133, Number.POSITIVE_INFINITY),
  );
  const doubles = Float64Array.of(0.1, -1e300);
  expect(toFloat32('F64', new Uint8Array(doubles.buffer))).toEqual(Float32Array.of(0.1, Number.NEGATIVE_INFINITY));
  expect(() => toFloat32('I64', new Uint8Array(8))).toThrow('these are I64');
});

test('tensors that lie oddly in memory are read all the same', () => {
  const bytes = new Uint8Array(9);
  bytes.set(new Uint8Array(Float32Array.of(1.5, -2).buffer), 1);
  expect(toFloat32('F32', bytes.subarray(1))).toEqual(Float32Array.of(1.5, -2));
  expect(toFloat32('F32', Buffer.from(bytes.buffer, 1))).toEqual(Float32Array.of(1.5, -2));
});

const entry = (begin: number, end: number, shape: unknown = [(end - begin) / 4], dtype: unknown = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe('a file made to mislead is refused before anything is allocated for it', () => {
  const huge = Buffer.alloc(16, 0xff);
  test.each<[string, Uint8Array, string]>([
    ['ends within its length', Buffer.from('abc'), 'begins with 8 bytes of length; this one has 3'],
    ['claims a giant header', huge, 'said to take 18446744073709551615 bytes; at most 10000000'],
    ['ends within its header', withHeader({}).subarray(0, 9), 'takes 2 bytes, but the file ends after 1'],
    ['has a header that is no text', withHeader('{"\xff').map((byte) => (byte === 0xc3 ? 0xff : byte)), 'not UTF-8'],
    ['has a header that is no object', withHeader('[]'), 'does not begin with {'],
    ['has text after its header', withHeader('{} x'), 'the end expected'],
    ['names an unknown type', withHeader({ a: entry(0, 4, [1], 'Q4') }, 4), 'Tensor a is of dtype Q4; read are U64'],
    ['has a tensor beyond its end', withHeader({ a: entry(0, 8) }, 4), 'Tensor a ends at byte 8; the file has 4'],
    ['has bytes of no tensor', withHeader({ a: entry(0, 4) }, 8), '4 bytes at the end of the file belong to no tensor'],
    ['has a gap', withHeader({ a: entry(0, 4), b: entry(8, 12) }, 12), 'b begins at byte 8 and leaves a gap'],
    ['has an overlap', withHeader({ a: entry(0, 8), b: entry(4, 12) }, 12), 'b begins at byte 4 and overlaps'],
    [
      'has one tensor twice',
      withHeader('{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"a":0}'),
      'gives "a" twice',
    ],
    [
      'has dims that multiply beyond all memory',
      withHeader({ a: entry(0, 4, [2 ** 40, 2 ** 40]) }, 4),
      'its offsets span 4',
    ],
    [
      'has dims that overflow to the right size',
      withHeader({ a: entry(0, 0, [2 ** 32, 2 ** 32]) }),
      'its offsets span 0',
    ],
    ['has a negative dim', withHeader({ a: entry(0, 4, [-1, -1]) }, 4), 'not a list of natural numbers'],
    ['has a broken dim', withHeader({ a: entry(0, 4, [1.5]) }, 4), 'not a list of natural numbers'],
    ['has too many dims', withHeader({ a: entry(0, 4, Array(9).fill(1)) }, 4), '9 dimensions; at most 8'],
    ['has offsets that go back', withHeader({ a: entry(4, 0, [1]) }, 4), 'its offsets span -4'],
    ['has no offsets', withHeader({ a: { dtype: 'F32', shape: [1] } }, 4), 'has no two data_offsets'],
    ['has fields that nobody knows', withHeader({ a: { ...entry(0, 4), scale: 2 } }, 4), 'an unknown field scale'],
    [
      'has metadata that is no text',
      withHeader({ __metadata__: { a: 1 } }),
      '__metadata__ of the safetensors header: a is not text',
    ],
  ])('%s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(LoraError);
    expect(() => readSafetensors(bytes)).toThrow(message);
  });

  test('has more tensors than are allowed', () => {
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`t${index}`, entry(0, 0)]));
    const read = () => readSafetensors(withHeader(many), { headerBytes: 10_000, tensors: 10 });
    expect(read).toThrow('12 tensors; at most 10');
  });
});
