import type { Random } from './random.ts';

/** A file made worse. It may give back what it was given where it finds nothing to do. */
export type Mutator = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

const range = (bytes: Uint8Array, random: Random, most: number): [start: number, end: number] => {
  const start = random.below(bytes.length + 1);
  return [start, Math.min(bytes.length, start + 1 + random.below(most))];
};

const flip: Mutator = (bytes, random) => {
  const flipped = bytes.slice();
  for (let count = 1 + random.below(4); count > 0 && bytes.length > 0; count--) {
    flipped[random.below(bytes.length)]! ^= 1 << random.below(8);
  }
  return flipped;
};

const overwrite: Mutator = (bytes, random) => {
  const [start, end] = range(bytes, random, 16);
  return bytes.slice().fill(random.pick([0x00, 0x01, 0x7f, 0x80, 0xff, 0x22, 0x5b, 0x7b]), start, end);
};

const truncate: Mutator = (bytes, random) => bytes.slice(0, random.below(bytes.length + 1));

const remove: Mutator = (bytes, random) => {
  const [start, end] = range(bytes, random, 64);
  return join(bytes.subarray(0, start), bytes.subarray(end));
};

const repeat: Mutator = (bytes, random) => {
  const [start, end] = range(bytes, random, 256);
  const part = bytes.subarray(start, end);
  return join(bytes.subarray(0, end), ...Array.from({ length: 1 + random.below(8) }, () => part), bytes.subarray(end));
};

const splice: Mutator = (bytes, random, other) => {
  const at = random.below(bytes.length + 1);
  const [start, end] = range(other, random, 512);
  return join(bytes.subarray(0, at), other.subarray(start, end), bytes.subarray(at + random.below(2) * (end - start)));
};

const append: Mutator = (bytes, _, other) => join(bytes, other);

/** For files of any kind. */
export const generalMutators: readonly Mutator[] = [flip, flip, overwrite, truncate, remove, repeat, splice, append];
