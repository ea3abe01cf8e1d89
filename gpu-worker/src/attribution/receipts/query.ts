import type { Evidence } from '@openledger/protocol/attribution';
import { type QuantisedQuery, quantiseQuery, type Whitening } from '../influence/index.ts';

type Influence = NonNullable<Evidence['influence']>;

/**
 * The influence part of an answer's evidence, from φ(q): v = H⁻¹φ(q) in whole steps, and √(vᵀHv) of these very steps, so that
 * who has the store finds the norm's bits again.
 * @throws InfluenceError for another size, or numbers that are not finite.
 */
export const influenceEvidence = (gradient: ArrayLike<number>, whitening: Whitening): Influence => {
  const query = quantiseQuery(whitening.solve(gradient));
  const bytes = new DataView(new ArrayBuffer(2 * query.values.length));
  query.values.forEach((value, at) => {
    bytes.setInt16(2 * at, value, true);
  });
  return {
    values: Buffer.from(bytes.buffer).toString('base64'),
    exponent: query.exponent,
    norm: hexOf(normOf(query, whitening)),
  };
};

/** √(vᵀHv) of a query in whole steps. @throws InfluenceError for another size. */
export const normOf = ({ values, exponent }: QuantisedQuery, whitening: Whitening): number =>
  whitening.solvedNorm(Float64Array.from(values, (value) => value * 2 ** exponent));

export const queryOf = ({ values, exponent }: Influence): QuantisedQuery => {
  const bytes = Buffer.from(values, 'base64');
  return { values: Int16Array.from({ length: bytes.length >> 1 }, (_, at) => bytes.readInt16LE(2 * at)), exponent };
};

/** A float64, most significant byte first. */
export const hexOf = (value: number): string => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return `0x${bytes.toString('hex')}`;
};

export const floatOf = (hex: string): number => Buffer.from(hex.slice(2), 'hex').readDoubleBE();
