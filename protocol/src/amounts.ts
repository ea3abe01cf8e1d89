const decimals = 18;
const pattern = /^(\d+)(?:\.(\d{1,18}))?$/;

/** Text that is not an amount of OPEN. */
export class AmountError extends Error {
  override readonly name = 'AmountError';
}

/**
 * Wei of OPEN from what a person writes: digits, with up to 18 decimals after a point.
 * @throws AmountError for anything else: signs, exponents, separators, spaces, more than 18 decimals.
 * @example parseOpen('1.5') // 1_500_000_000_000_000_000n
 */
export function parseOpen(text: string): bigint {
  const [, whole, fraction = ''] = pattern.exec(text) ?? [];
  if (whole === undefined) {
    throw new AmountError(
      `${JSON.stringify(text)} is not an amount of OPEN: write digits with up to 18 decimals, for example 12.5.`,
    );
  }
  return BigInt(whole + fraction.padEnd(decimals, '0'));
}

/**
 * Exact decimal text of an amount, without needless zeros.
 * @param wei of OPEN; may be negative, as a balance's change is.
 * @example formatOpen(1_500_000_000_000_000_000n) // '1.5'
 */
export function formatOpen(wei: bigint): string {
  const digits = (wei < 0n ? -wei : wei).toString().padStart(decimals + 1, '0');
  const fraction = digits.slice(-decimals).replace(/0+$/, '');
  return `${wei < 0n ? '-' : ''}${digits.slice(0, -decimals)}${fraction === '' ? '' : `.${fraction}`}`;
}
