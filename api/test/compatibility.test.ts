import { readFile } from 'node:fs/promises';
import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../src/schema/index.ts';
import { brokenSince, unannounced } from './compatibility.ts';

const released = buildSchema(await readFile(new URL('../released/schema.graphql', import.meta.url), 'utf8'));

test('what a client of the released schema uses is still there: see docs/graphql.md, Changes', () => {
  expect(brokenSince(released, schema, new Date())).toEqual([]);
});

test('what is deprecated says until when it is served', () => {
  expect(unannounced(schema)).toEqual([]);
});

const before = buildSchema(`type Query {
  kept: Int
  old: Int @deprecated(reason: "Use kept. Served until 2026-03-01.")
  silent: Int @deprecated(reason: "Use kept.")
  list(size: Int): [Int]
}`);

test('a field may go once its day has passed, and not before', () => {
  const after = buildSchema('type Query { kept: Int silent: Int list(size: Int): [Int] }');
  expect(brokenSince(before, after, new Date('2026-03-02'))).toEqual([]);
  expect(brokenSince(before, after, new Date('2026-02-28'))).toEqual([
    'Query.old is gone and was to be served until 2026-03-01',
  ]);
});

test('what was never deprecated, or without a day, stays; and keeps its type', () => {
  const after = buildSchema('type Query { kept: String old: Int list(size: Int!): [Int] }');
  expect(brokenSince(before, after, new Date('2030-01-01'))).toEqual([
    'Query.silent is gone and was never deprecated',
    expect.stringContaining('kept changed type'),
    expect.stringContaining('size has changed type'),
  ]);
  expect(unannounced(before)).toEqual(['Query.silent: Use kept.']);
});
