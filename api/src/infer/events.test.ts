import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventStreamError, eventData } from './events.ts';

async function* cut(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}
const read = async (text: string, sizes: readonly number[] = []) => {
  const events: string[] = [];
  for await (const data of eventData(cut(Buffer.from(text), sizes))) events.push(data);
  return events;
};

test('an answer arrives whole wherever its bytes are cut, inside characters and line ends too', async () => {
  const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
  const line = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replace(/[\r\n\ufeff]/g, ''));
  const event = fc.array(line, { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { maxLength: 5 }),
      lineEnd,
      fc.array(fc.nat({ max: 9 }), { maxLength: 60 }),
      async (events, end, sizes) => {
        const text = events.map((lines) => `${lines.map((each) => `data: ${each}${end}`).join('')}${end}`).join('');
        // A stream's last carriage return may always be followed by its other half.
        const whole = end === '\r' ? `${text}: the end\n` : text;
        expect(await read(whole, sizes)).toEqual(events.map((lines) => lines.join('\n')));
      },
    ),
    { numRuns: 300 },
  );
});

test('comments, names, ids and unknown fields are left out, and what was cut off at the end', async () => {
  expect(await read(':\n\nevent: x\nid: 1\ndata:{"a":1}\n\ndatabase: no\nretry: 5\n\ndata\n\ndata: cut')).toEqual([
    '{"a":1}',
    '',
  ]);
});

test('an event without end is refused before it fills the memory', async () => {
  await expect(read(`data: ${'x'.repeat(1_100_000)}`, [900_000, 200_000])).rejects.toThrow(EventStreamError);
  await expect(read(`data: ${'x'.repeat(600_000)}\n`.repeat(2))).rejects.toThrow(EventStreamError);
});
