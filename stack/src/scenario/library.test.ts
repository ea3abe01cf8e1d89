import { id } from 'ethers';
import { expect, test } from 'vitest';
import { installedNodeModules, openLibrary } from './library.ts';
import { themes } from './themes.ts';

const library = openLibrary(installedNodeModules());

test('every theme has texts for weeks, most of them worth reading', () => {
  for (const theme of themes) {
    const texts = library.of(theme);
    expect(texts.length, theme.name).toBeGreaterThan(30);
    expect(texts.filter(({ careless }) => !careless).length, theme.name).toBeGreaterThan(texts.length / 2);
  }
});

test('each text says who wrote it and under which licence, and holds no e-mail address', () => {
  for (const { title, provenance, body, rows, contentHash } of library.texts) {
    expect(provenance.licence, title).toMatch(/^[A-Za-z0-9]|^\(/);
    expect(provenance.authors.length, title).toBeGreaterThan(0);
    expect(body.match(/[\w.+-]+@[\w-]+\.[a-z]{2,}/i)?.[0], title).toBeUndefined();
    expect(id(body), title).toBe(contentHash);
    expect(body.trimEnd().split('\n').length, title).toBe(rows.length);
  }
});

test('the same packages give the same library again', () => {
  const again = openLibrary(installedNodeModules());
  expect(again.texts.map(({ contentHash }) => contentHash)).toEqual(
    library.texts.map(({ contentHash }) => contentHash),
  );
  expect(new Set(library.texts.map(({ theme, contentHash }) => `${theme.name}/${contentHash}`)).size).toBe(
    library.texts.length,
  );
});

test('there are near-duplicates to dispute', () => {
  for (const { original, copy } of library.twins) expect(original.contentHash).not.toBe(copy.contentHash);
  expect(library.twins.map(({ original }) => original.theme.name)).toContain('TypeScript Handbook');
});
