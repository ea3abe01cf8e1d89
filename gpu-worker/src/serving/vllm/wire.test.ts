import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventsOf } from './events.ts';
import { metricOf } from './metrics.ts';
import { toldBy } from './server.ts';

const read = async (bytes: Uint8Array, cuts: readonly number[]): Promise<string[]> => {
  const parts: Uint8Array[] = [];
  let rest = bytes;
  for (const cut of cuts) {
    parts.push(rest.subarray(0, cut));
    rest = rest.subarray(cut);
  }
  parts.push(rest);
  const events: string[] = [];
  for await (const event of eventsOf(
    (async function* () {
      yield* parts;
    })(),
  )) {
    events.push(event);
  }
  return events;
};

test('property: events are the same however their bytes are cut, with every kind of line end', async () => {
  const event = fc.string({ unit: fc.constantFrom('a', 'é', '🙂', ' ', ':', '{') });
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { maxLength: 5 }),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.array(fc.nat(7)),
      async (events, end, cuts) => {
        const bytes = new TextEncoder().encode(events.map((data) => `: ping${end}data: ${data}${end}${end}`).join(''));
        // Of a carriage return at the very end nobody knows whether a line feed follows.
        const whole = end === '\r' ? Buffer.concat([bytes, Buffer.from('\n')]) : bytes;
        expect(await read(whole, cuts)).toEqual(events);
      },
    ),
  );
});

test('an event of several lines is one, and one that never ends is refused', async () => {
  expect(await read(Buffer.from('data: {"a":\ndata:1}\n\ndata: [DONE]\n\n'), [])).toEqual(['{"a":\n1}', '[DONE]']);
  await expect(read(Buffer.from(`data: ${'x'.repeat(2 << 20)}`), [])).rejects.toThrow(/more than 1048576 characters/);
});

test('a metric is summed over its labels, and others with longer names are not it', () => {
  const page = [
    '# TYPE vllm:num_requests_running gauge',
    'vllm:num_requests_running{engine="0",model_name="a } 9"} 2.0',
    'vllm:num_requests_running{engine="1",model_name="a"} 3',
    'vllm:num_requests_running_total 100',
    'vllm:kv_cache_usage_perc 0.25',
    'vllm:broken{engine="0"} NaN',
  ].join('\n');
  expect(metricOf(page, 'vllm:num_requests_running')).toBe(5);
  expect(metricOf(page, 'vllm:kv_cache_usage_perc')).toBe(0.25);
  expect(metricOf(page, 'vllm:broken')).toBeUndefined();
  expect(metricOf(page, 'vllm:nowhere')).toBeUndefined();
});

test('errors are read in the forms that versions of vLLM and what stands before it have', () => {
  const told = { message: 'No', type: 'BadRequestError', param: 'top_p' };
  expect(toldBy(JSON.stringify({ error: { ...told, code: 400 } }), 400)).toEqual(told);
  expect(toldBy(JSON.stringify({ object: 'error', ...told, code: 400 }), 400)).toEqual(told);
  expect(toldBy('{"error":"Unauthorized"}', 401)).toMatchObject({ message: 'Unauthorized', type: undefined });
  for (const other of ['<html>', '{"detail":"Not Found"}', '', 'null', '[]', '3']) {
    expect(toldBy(other, 502)).toEqual({ message: 'status 502', type: undefined, param: undefined });
  }
});
