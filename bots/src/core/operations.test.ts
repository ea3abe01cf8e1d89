import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, parse, validate } from 'graphql';
import { expect, test } from 'vitest';

const here = import.meta.dirname;
const schema = buildSchema(readFileSync(join(here, '../../../api/schema.graphql'), 'utf8'));

/** Everything that a file asks the API, with its own constants filled in. */
const operationsIn = (file: string): readonly string[] => {
  const source = readFileSync(file, 'utf8');
  const constants = new Map(
    [...source.matchAll(/^const (\w+) =\s+'([^']*)';$/gm)].map(([, name, value]) => [name!, value!]),
  );
  return [...source.matchAll(/(['`])((?:query|mutation|subscription)\b\s*[({]|\{ \w+\()([\s\S]*?)\1/g)].map(
    ([, , begin, rest]) => `${begin}${rest}`.replace(/\$\{(\w+)\}/g, (_, name) => constants.get(name) ?? name),
  );
};

const files = readdirSync(join(here, '..'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => join(here, '..', name));

test('the API takes everything that a command asks it', () => {
  const operations = files.flatMap((file) => operationsIn(file).map((operation) => ({ file, operation })));
  expect(operations.length).toBeGreaterThan(20);
  const wrong = operations.flatMap(({ file, operation }) =>
    validate(schema, parse(operation)).map(({ message }) => `${file.slice(here.length)}: ${message}`),
  );
  expect(wrong).toEqual([]);
});
