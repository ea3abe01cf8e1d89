import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { readLines } from './lines.ts';

it('loses no line of a script that comes all at once, and knows when there are no more', async () => {
  const input = new PassThrough();
  const output = new PassThrough();
  const lines = readLines(input, output);
  input.end('/link\n1\n2');
  await new Promise((resolve) => setTimeout(resolve, 50));
  const read = [];
  for (let at = 0; at < 4; at++) read.push(await lines.read(`${at}> `));
  expect(read).toEqual(['/link', '1', '2', undefined]);
  expect(String(output.read())).toContain('0> 1> 2> ');
});
