import { expect, test } from 'vitest';
import { commands } from '../commands/index.ts';
import { de } from './de.ts';
import { en, type Texts } from './en.ts';
import { es } from './es.ts';
import { locales, textsFor } from './index.ts';

/** Every text by its path; functions filled in with their places. */
const textsOf = (texts: object, path = ''): readonly (readonly [string, string])[] =>
  Object.entries(texts).flatMap(([key, value]): readonly (readonly [string, string])[] => {
    const own = `${path}.${key}`;
    if (typeof value === 'function') return [[own, value(...['‹1›', '‹2›', '‹3›'].slice(0, value.length))]];
    return typeof value === 'string' ? [[own, value]] : textsOf(value, own);
  });

test.each([
  ['de', de],
  ['es', es],
] as const)('%s says all that English says, with the same places to fill in, and says it in its own words', (_, texts: Texts) => {
  const english = new Map(textsOf(en));
  const own = new Map(textsOf(texts));
  expect([...own.keys()]).toEqual([...english.keys()]);
  const places = (text: string) => [...text.matchAll(/‹\d›/g)].map(([place]) => place).sort();
  for (const [path, text] of own) {
    expect(text.trim(), path).not.toBe('');
    expect([path, [...new Set(places(text))]]).toEqual([path, [...new Set(places(english.get(path)!))]]);
  }
  const same = [...own].filter(([path, text]) => /[a-z]{4}/i.test(text) && english.get(path) === text);
  // Names that are the same everywhere.
  expect(same.map(([path]) => path).filter((path) => !/title|datanet|version|reward|open|cost/i.test(path))).toEqual(
    [],
  );
});

test('each command says what it is for, and a language is found by how platforms call it', () => {
  for (const { name } of commands) expect(Object.keys(en.commands)).toContain(name);
  expect(locales).toEqual(['en', 'de', 'es']);
  expect([textsFor('de-AT'), textsFor('es-419'), textsFor('pt-BR'), textsFor(undefined)]).toEqual([de, es, en, en]);
});
