import { crc32 } from 'node:zlib';
import { InfluenceError } from './errors.ts';
import { quantise } from './quantise.ts';

// A row of a store: contribution uint64, exponent int8, three zeros, CRC-32 of all else uint32; then φ, each number int8 plus
// 128, and as many of 128 (zeros, so) as fill it up to a multiple of 16. All little-endian.

export const headBytes = 16;

/** What is added to each number of φ, so that it is a uint8: processors multiply those exactly, int8 not all of them. */
export const bias = 128;

const checkAt = 12;

/** Bytes of a row with so many numbers. */
export const recordBytes = (size: number): number => headBytes + Math.ceil(size / 16) * 16;

export type Row = {
  readonly contributionId: bigint;
  /** φ of the row. */
  readonly gradient: ArrayLike<number>;
};

/** @throws InfluenceError for numbers that are not finite, and ids beyond 64 bits. */
export const writeRecord = (into: Uint8Array, { contributionId, gradient }: Row): void => {
  if (contributionId < 0n || contributionId >= 1n << 64n) {
    throw new InfluenceError(`A contribution has an id of 64 bits, not ${contributionId}`);
  }
  const { values, exponent } = quantise(gradient, 127, new Int8Array(gradient.length));
  into.fill(0, 0, headBytes);
  into.fill(bias, headBytes);
  for (let at = 0; at < values.length; at++) into[headBytes + at] = values[at]! + bias;
  const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
  view.setBigUint64(0, contributionId, true);
  view.setInt8(8, exponent);
  view.setUint32(checkAt, checksum(into), true);
};

export const isWhole = (record: Uint8Array): boolean =>
  new DataView(record.buffer, record.byteOffset).getUint32(checkAt, true) === checksum(record);

const checksum = (record: Uint8Array): number => crc32(record.subarray(headBytes), crc32(record.subarray(0, checkAt)));
