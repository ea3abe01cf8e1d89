import { de } from './de.ts';
import { en, type Texts } from './en.ts';
import { es } from './es.ts';

export type { Texts } from './en.ts';

const languages: Readonly<Record<string, Texts>> = { en, de, es };

export const locales = Object.keys(languages);

/** The texts in a language, by what a platform calls it (`de-AT`); English where there is none. */
export const textsFor = (locale: string | undefined): Texts =>
  languages[locale?.split('-')[0]?.toLowerCase() ?? ''] ?? en;
