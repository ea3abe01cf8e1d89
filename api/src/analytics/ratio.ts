/** Digits after the point of every ratio that is served. */
export const RATIO_DIGITS = 6;
const SCALE = 10n ** BigInt(RATIO_DIGITS);

/**
 * numerator ÷ denominator with six digits after the point, the last rounded half away from zero; null when nothing is
 * divided by. Exact until that rounding, however large the integers are.
 *
 * @example ratio(2n, 3n) // '0.666667'
 */
export function ratio(numerator: bigint, denominator: bigint): string | null {
  if (denominator === 0n) return null;
  const negative = numerator < 0n !== denominator < 0n;
  const [n, d] = [numerator < 0n ? -numerator : numerator, denominator < 0n ? -denominator : denominator];
  const scaled = (n * SCALE * 2n + d) / (d * 2n);
  const text = `${scaled / SCALE}.${(scaled % SCALE).toString().padStart(RATIO_DIGITS, '0')}`;
  return negative && scaled > 0n ? `-${text}` : text;
}
