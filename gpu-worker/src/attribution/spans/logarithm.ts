/**
 * The natural logarithm, by additions, multiplications and divisions alone: IEEE 754 rounds those alike everywhere, so every
 * machine finds the same bits, which nobody promises of `Math.log`. Within 4 units in the last place of it.
 *
 * @param value finite and above 0; of whole numbers and their quotients, not of subnormal ones.
 */
export const logarithm = (value: number): number => {
  let [mantissa, exponent] = [value, 0];
  while (mantissa >= Math.SQRT2) {
    mantissa /= 2;
    exponent++;
  }
  while (mantissa < Math.SQRT1_2) {
    mantissa *= 2;
    exponent--;
  }
  // ln m = 2 artanh((m − 1) / (m + 1)), at most 0.172 in here: fifteen terms leave nothing that a float64 could hold.
  const part = (mantissa - 1) / (mantissa + 1);
  const square = part * part;
  let series = 0;
  for (let term = 15; term >= 0; term--) series = series * square + 1 / (2 * term + 1);
  return exponent * Math.LN2 + 2 * part * series;
};
