import { access, readFile } from 'node:fs/promises';
import { buildSchema, parse, validate } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Example, examplesIn, isAsked, isAsShown, pages } from './docs/examples.ts';
import { answerIn, ask, command } from './docs/try.ts';
import { openPlace, type Place } from './place.ts';

const schema = buildSchema(await readFile(new URL('../../../api/schema.graphql', import.meta.url), 'utf8'));
const examples = (await pages()).flatMap(({ path, text }) => examplesIn(path, text));
const named = (some: readonly Example[]) =>
  some.map((example) => [`${example.page}:${example.block.line}`, example] as const);

const operations = examples.filter(({ block }) => block.language === 'graphql');

let place: Place;
beforeAll(async () => {
  place = await openPlace('community');
});
afterAll(() => place.stop());

test('docs/graphql.md shows ten queries and more', () => {
  expect(operations.filter(({ page }) => page === 'docs/graphql.md').filter(isAsked).length).toBeGreaterThanOrEqual(10);
});

test('no page leads to a file that is not there', async () => {
  for (const { path, url, text } of await pages()) {
    const links = [...text.matchAll(/\]\((?!https?:|#|\/)([^)#\s]+)/g)].map(([, link]) => link!);
    for (const link of links) await expect(access(new URL(link, url)), `${path}: ${link}`).resolves.toBeUndefined();
  }
});

test('every page is linked from docs/graphql.md', async () => {
  const all = await pages();
  const { text } = all.find(({ path }) => path === 'docs/graphql.md')!;
  const missing = all.flatMap(({ path }) => {
    const name = path.replace('docs/', '');
    return /README|graphql/.test(name) || text.includes(`](${name})`) ? [] : [name];
  });
  expect(missing).toEqual([]);
});

test.each(named(operations))('%s is an operation of this API', (_place, { block }) => {
  expect(validate(schema, parse(block.text)).map(({ message }) => message)).toEqual([]);
});

test.each(named(operations.filter(isAsked)))('%s answers what the page shows', async (_place, example) => {
  const answer = await ask(place.url, example);
  if (example.answer === undefined) expect(answer.errors).toBeUndefined();
  else if (!isAsShown(JSON.parse(example.answer.text), answer)) expect(answer).toEqual(JSON.parse(example.answer.text));
});

/**
 * What ends by itself, asks the API, and needs nothing of the reader's own; streams, and what asks a worker, are tested with
 * what they are about.
 */
const isRun = ({ block }: Example) =>
  block.language === 'sh' && /^curl (?!-\w*N)/.test(block.text) && !/\$|:4020\b/.test(block.text);
const commands = examples.filter(isRun);

test.each(named(commands))('%s runs', async (_place, example) => {
  const printed = await command(place.url, example);
  expect(printed).not.toBe('');
  const answer = answerIn(printed);
  if (answer === undefined) return;
  if (example.answer === undefined) expect(answer.errors).toBeUndefined();
  else if (!isAsShown(JSON.parse(example.answer.text), answer)) expect(answer).toEqual(JSON.parse(example.answer.text));
});
