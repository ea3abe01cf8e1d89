/** `npm run -w test docs`: asks every operation on the pages anew and writes the answers that stand below them. */
import { writeFile } from 'node:fs/promises';
import { openPlace } from '../place.ts';
import { examplesIn, isAsked, pages } from './examples.ts';
import { ask } from './try.ts';

const place = await openPlace('community');
try {
  for (const { path, url, text } of await pages()) {
    let written = text;
    // From the end, so that places before stay where they were.
    for (const example of examplesIn(path, text).toReversed()) {
      const { answer } = example;
      if (!isAsked(example) || answer === undefined || answer.text.includes('"…"')) continue;
      const json = laidOut(await ask(place.url, example));
      written = `${written.slice(0, answer.from)}${json}\n${written.slice(answer.to)}`;
    }
    if (written !== text) await writeFile(url, written);
  }
} finally {
  await place.stop();
}

/** JSON with what fits on a line on one line. */
function laidOut(value: unknown, indent = ''): string {
  const flat = JSON.stringify(value, null, 1)
    .replace(/\n\s*/g, ' ')
    .replace(/\[ (?=[^{[])/g, '[')
    .replace(/(?<=[^}\]]) \]/g, ']');
  if (flat.length + indent.length <= 110 || typeof value !== 'object' || value === null) return flat;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    return `[\n${value.map((item) => `${inner}${laidOut(item, inner)}`).join(',\n')}\n${indent}]`;
  }
  const entries = Object.entries(value).map(([key, item]) => `${inner}${JSON.stringify(key)}: ${laidOut(item, inner)}`);
  return `{\n${entries.join(',\n')}\n${indent}}`;
}
