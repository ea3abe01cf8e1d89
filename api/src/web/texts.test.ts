import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

type Texts = { readonly [name: string]: Texts | string | ((...values: string[]) => string) };

const folder = new URL('public/', import.meta.url);
const textsOf = async (language: string): Promise<Texts> =>
  (await import(new URL(`texts/${language}.js`, folder).href))[language];

/** Names of everything that is said, with how many values are filled in, and whether there are words. */
const saidBy = (texts: Texts, before = ''): string[] =>
  Object.entries(texts).flatMap(([name, text]) => {
    const place = `${before}${name}`;
    if (typeof text === 'string') return [text.trim() === '' ? `${place} is empty` : place];
    if (typeof text === 'object') return saidBy(text, `${place}.`);
    const values = Array.from({ length: text.length }, (_, index) => `<${index}>`);
    return [`${place}(${values.filter((value) => text(...values).includes(value))})`];
  });

test('pages say everything in every language', async () => {
  const [en, de, es] = await Promise.all(['en', 'de', 'es'].map(textsOf));
  expect(saidBy(de!)).toEqual(saidBy(en!));
  expect(saidBy(es!)).toEqual(saidBy(en!));
});

test.each(['link', 'claim', 'pay'])('what /%s shows has a text', async (name) => {
  const en = await textsOf('en');
  const page = readFileSync(new URL(`${name}.html`, folder), 'utf8');
  const own = en[name] as Texts;
  for (const [, text = '', inside] of page.matchAll(/data-text="(\w+)">([^<]*)</g)) {
    expect(own[text] ?? en[text], text).toBeTypeOf('string');
    // Before the script has run, and without it.
    if (inside !== '') expect(own[text] ?? en[text]).toBe(inside);
  }
});
