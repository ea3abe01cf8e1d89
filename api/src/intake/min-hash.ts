/**
 * MinHash (Broder, "On the resemblance and containment of documents", 1997) with banding (Leskovec, Rajaraman, Ullman,
 * "Mining of Massive Datasets", 3.4): of 112 hash functions, the least value over all shingles; the share of functions on which
 * two texts agree estimates their Jaccard similarity, with a standard error of at most 0.047.
 *
 * 14 bands of 8: two texts of similarity s share a band with probability 1 - (1 - s^8)^14: 0.05 at 0.5, 0.57 at 0.7,
 * 0.92 at 0.8, 0.9997 at 0.9. A row: 4 bands of 6 of the same functions: 0.06 at 0.5, 0.39 at 0.7, 0.70 at 0.8, 0.95 at 0.9.
 */
export const textHashes = { bands: 14, rows: 8 } as const;
export const rowHashes = { bands: 4, rows: 6 } as const;

const count = textHashes.bands * textHashes.rows;

/** The multipliers and masks of the functions: SplitMix32 from 0x4f50454e ("OPEN"). Stored signatures depend on it. */
const [masks, multipliers] = seeds(0x4f50454e);

function seeds(state: number): readonly [Uint32Array, Uint32Array] {
  let at = state;
  const next = () => {
    at = (at + 0x9e3779b9) | 0;
    return mix(at);
  };
  return [Uint32Array.from({ length: count }, next), Uint32Array.from({ length: count }, () => next() | 1)];
}

/** MurmurHash3's finaliser: every bit of the result depends on every bit of the value. */
export function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * @param shingles 32-bit hashes; repeated ones change nothing
 * @param hashes how many of the 112 functions to use, from the first
 * @returns the least value of each function, all 0xffffffff when there are no shingles
 */
export function minHash(shingles: Iterable<number>, hashes: number = count): Uint32Array {
  const least = new Uint32Array(hashes).fill(0xffffffff);
  for (const shingle of shingles) {
    for (let i = 0; i < hashes; i++) {
      let value = Math.imul(shingle ^ masks[i]!, multipliers[i]!);
      value = (value ^ (value >>> 15)) >>> 0;
      if (value < least[i]!) least[i] = value;
    }
  }
  return least;
}

/** Estimated Jaccard similarity, 0 to 1. @throws RangeError for signatures of different lengths */
export function similarity(a: Uint32Array, b: Uint32Array): number {
  if (a.length !== b.length)
    throw new RangeError(`Signatures of ${a.length} and ${b.length} hashes cannot be compared.`);
  let equal = 0;
  for (let i = 0; i < a.length; i++) if (a[i] === b[i]) equal += 1;
  return a.length === 0 ? 0 : equal / a.length;
}

/** One 64-bit value for each band, as Postgres' signed bigint; the same in different bands is not the same value. */
export function bandValues(
  signature: Uint32Array,
  { bands, rows } = textHashes as { bands: number; rows: number },
): readonly bigint[] {
  return Array.from({ length: bands }, (_, band) => {
    let [high, low] = [mix(band + 1), mix(~band)];
    for (let i = band * rows; i < (band + 1) * rows; i++) {
      high = mix(Math.imul(high, 31) + signature[i]!);
      low = mix(Math.imul(low, 37) ^ signature[i]!);
    }
    return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low));
  });
}

/** 4 bytes for each hash, big-endian, as `app.fingerprint.signature` keeps them. */
export function signatureBytes(signature: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(signature.length * 4);
  const view = new DataView(bytes.buffer);
  signature.forEach((value, i) => {
    view.setUint32(i * 4, value);
  });
  return bytes;
}

export function signatureOfBytes(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: bytes.byteLength >> 2 }, (_, i) => view.getUint32(i * 4));
}
