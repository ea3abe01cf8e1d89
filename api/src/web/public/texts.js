import { de } from './texts/de.js';
import { en } from './texts/en.js';
import { es } from './texts/es.js';

const all = { en, de, es };
const wanted = [new URLSearchParams(location.search).get('lang') ?? '', ...navigator.languages];

/** What the chat speaks, where the bot says so; else what the browser does. */
export const language =
  wanted.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => Object.hasOwn(all, tag)) ?? 'en';

export const texts = all[language];
