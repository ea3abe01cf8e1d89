import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestDatabase } from '@openledger/db/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { errorCodes } from '../src/errors.ts';
import { documentLimits } from '../src/guard/documents.ts';
import { variableLimits } from '../src/guard/variables.ts';
import { limits } from '../src/schema/builder.ts';
import { filterLimits } from '../src/schema/filter-size.ts';
import { createWritableDatabase } from './account.ts';
import { startApi, type TestApi } from './client.ts';

const execute = promisify(execFile);
const page = (name: string) => readFile(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8');
const blocks = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, block]) => block!);

let database: TestDatabase;
let api: TestApi;
/** Inside the repository, so that the example finds its packages. */
let folder: string;
beforeAll(async () => {
  database = await createWritableDatabase(inject('seededUrl'));
  api = await startApi(database.url);
  folder = await mkdtemp(new URL('.docs-', import.meta.url).pathname);
});
afterAll(async () => {
  await api.stop();
  await database.drop();
  await rm(folder, { recursive: true });
});

test('the program in docs/authentication.md signs in and makes a key; the command below it uses the key', async () => {
  const text = await page('authentication');
  const [program] = blocks(text, 'ts');
  const [command] = blocks(text, 'sh');
  const file = join(folder, 'sign-in.ts');
  await writeFile(file, program!);
  const { stdout: printed } = await execute(process.execPath, [file], {
    env: { PATH: process.env.PATH, API_URL: api.url },
  });
  const key = printed.trim();
  expect(key).toMatch(/^olk_/);
  const { stdout: answer } = await execute('bash', ['-c', command!.replace('http://127.0.0.1:4000', api.url)], {
    env: { PATH: process.env.PATH, API_KEY: key },
  });
  expect(JSON.parse(answer)).toMatchObject({ data: { me: { scopes: ['READ'], apiKey: { name: 'my dashboard' } } } });
});

test('docs/limits.md has every code, and the figures that are in force', async () => {
  const text = await page('limits');
  expect(errorCodes.filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
  const { budgets } = readConfig({ DATABASE_URL: 'postgres://a/b', CHAIN_RPC_URL: 'http://a', CONTRACTS_FILE: 'a' });
  const shown = (value: number) => value.toLocaleString('en');
  for (const line of [
    `| ${shown(budgets.anonymous)} | ${budgets.writes.anonymous} |`,
    `| ${shown(budgets.session)} | ${budgets.writes.session} |`,
    `all keys of an account ${shown(budgets.keys)} | ${budgets.writes.key} |`,
    `| body | ${shown(documentLimits.bodyBytes)} bytes`,
    `| tokens in the document | ${shown(documentLimits.tokens)} |`,
    `| levels of nesting | ${limits.depth} |`,
    `| fields, with fragments written out | ${limits.breadth} |`,
    `| fields at the root | ${documentLimits.rootFields} |`,
    `| aliases | ${documentLimits.aliases} |`,
    `| directives | ${documentLimits.directives} |`,
    `| fragment spreads | ${documentLimits.spreads} |`,
    `| fields of one name in one selection | ${documentLimits.duplicates} |`,
    `| \`__schema\` and \`__type\` | ${documentLimits.introspections} |`,
    `| variables | ${variableLimits.depth} levels deep, ${shown(variableLimits.values)} values |`,
    `${filterLimits.conditions} conditions, \`and\`/\`or\`/\`not\` ${filterLimits.nesting} levels deep`,
    `${filterLimits.containsLength} characters in \`contains\``,
    `No operation may cost more than ${shown(limits.complexity)}.`,
  ]) {
    expect(text).toContain(line);
  }
  const [query] = blocks(text, 'graphql');
  const answer = (await api.ask(query!)) as unknown as { extensions: { cost: { requested: number } } };
  expect(answer.extensions.cost.requested).toBe(22);
});
