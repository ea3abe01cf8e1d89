import { createHash } from 'node:crypto';
import type { Hex } from '@openledger/db/chain';
import { bandValues, minHash, rowHashes } from './min-hash.ts';
import { withoutLinks } from './prose.ts';
import type { Row } from './row.ts';
import { addShingles } from './shingles.ts';
import { tokensOf } from './tokens.ts';

/** What is kept of a text to find it again in others. */
export type Fingerprint = {
  /** 112 hashes over the shingles of its rows; the order of the rows does not matter. Undefined for a text without words. */
  readonly signature: Uint32Array | undefined;
  /** SHA-256 of its letters and digits, without case, whitespace and punctuation. */
  readonly textHash: Hex;
  readonly rows: RowPrints;
};

/** The bands of single rows, thinned out where there are many. */
export type RowPrints = {
  /** Only values whose lowest bits, this many, are zero are here: the same ones in every text, so that they can meet. */
  readonly shift: number;
  /** For each value, the rows that have it, as indices. */
  readonly rowsOf: ReadonlyMap<bigint, readonly number[]>;
  /** Characters of each row's words, those of Chinese, Japanese and Korean two and a half times: what it weighs. */
  readonly weights: Uint32Array;
};

/** Values kept for one text at most: 2,048 rows whole, more of them thinned. */
const valuesKept = 8_192;
/** Characters below which a row is a commonplace, and nobody's. */
const shortest = 20;

export function fingerprintOf(rows: readonly Row[]): Fingerprint {
  const all = new Set<number>();
  const letters = createHash('sha256');
  const weights = new Uint32Array(rows.length);
  const values: (readonly bigint[])[] = [];
  rows.forEach(({ content }, index) => {
    letters.update(tokensOf(content).join(''));
    // Badges and lists of links are alike in documents that say different things.
    const words = tokensOf(withoutLinks(content)).join(' ');
    const own = new Set<number>();
    addShingles(words, own);
    for (const shingle of own) all.add(shingle);
    weights[index] = weightOf(words);
    values.push(
      weights[index]! >= shortest ? bandValues(minHash(own, rowHashes.bands * rowHashes.rows), rowHashes) : [],
    );
  });
  return {
    signature: all.size === 0 ? undefined : minHash(all),
    textHash: `0x${letters.digest('hex')}`,
    rows: thinned(values, weights),
  };
}

/** A character of Chinese, Japanese or Korean says as much as two or three of an alphabet. */
function weightOf(text: string): number {
  let weight = 0;
  for (let i = 0; i < text.length; i++) weight += text.charCodeAt(i) > 0x2e00 ? 2.5 : 1;
  return weight;
}

function thinned(values: readonly (readonly bigint[])[], weights: Uint32Array): RowPrints {
  let shift = 0;
  let kept = [...new Set(values.flat())];
  while (kept.length > valuesKept) {
    shift += 1;
    kept = kept.filter((value) => isKept(value, shift));
  }
  const rowsOf = new Map<bigint, number[]>(kept.map((value) => [value, []]));
  values.forEach((bands, row) => {
    for (const value of bands) rowsOf.get(value)?.push(row);
  });
  return { shift, rowsOf, weights };
}

export const isKept = (value: bigint, shift: number): boolean => (value & ((1n << BigInt(shift)) - 1n)) === 0n;
