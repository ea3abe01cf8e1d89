import type { Texts } from './texts/index.ts';

const decimals = 18n;

/** Wei of OPEN as people write it, at most six digits after the point, rounded down. */
export const openOf = (wei: bigint, { locale, shared }: Pick<Texts, 'locale' | 'shared'>): string => {
  const whole = wei / 10n ** decimals;
  const part = (wei % 10n ** decimals).toString().padStart(Number(decimals), '0').slice(0, 6).replace(/0+$/, '');
  const point = new Intl.NumberFormat(locale).formatToParts(1.5).find(({ type }) => type === 'decimal')!.value;
  return shared.open(`${whole.toLocaleString(locale)}${part && point + part}`);
};

export const numberOf = (value: bigint | number, { locale }: Pick<Texts, 'locale'>): string =>
  value.toLocaleString(locale);

/** `0x1234…abcd` */
export const shortAddress = (address: string): string => `${address.slice(0, 6)}…${address.slice(-4)}`;

export const dateOf = (moment: string | Date, { locale }: Pick<Texts, 'locale'>): string =>
  new Date(moment).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

const longestName = 80;

/** What people called a datanet or a model: on chain it may be of any length. */
export const shortName = (name: string): string => shortened(name, longestName);

/** One line of at most so many characters. */
export const shortened = (words: string, most: number): string => {
  const line = [...words.replace(/\s+/g, ' ').trim()];
  return line.length <= most ? line.join('') : `${line.slice(0, most - 1).join('')}…`;
};
