import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { type Metric, metrics } from '../../src/analytics/catalogue.ts';
import { tableExports } from '../../src/exports/catalogue.ts';

const page = (name: string) => readFile(new URL(`../../../docs/${name}.md`, import.meta.url), 'utf8');

test('docs/analytics.md defines every metric as the schema does, and shows how to ask for it', async () => {
  const sections = (await page('analytics')).split(/^##+ /m);
  for (const [name, { definition, population, caveat }] of Object.entries<Metric>(metrics)) {
    const section = sections.find((text) => text.startsWith(`${name}\n`)) ?? '';
    expect(section, name).toContain(`\n${definition}\n`);
    expect(section, name).toContain(`- Among: ${population}\n`);
    if (caveat !== undefined) expect(section, name).toContain(`- Note: ${caveat}\n`);
    expect(section, name).toContain(`metric(name: ${name},`);
  }
});

test('docs/exports.md names every export', async () => {
  const text = await page('exports');
  expect(Object.keys(tableExports).filter((name) => !text.includes(`| \`${name}\` |`))).toEqual([]);
});
