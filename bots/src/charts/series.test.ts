import { expect, test } from 'vitest';
import { drawSeries } from './series.ts';

const size = (png: Uint8Array) => {
  const view = new DataView(png.buffer, png.byteOffset);
  return [view.getUint32(16), view.getUint32(20)];
};

test('a figure becomes a picture that both platforms take, also where nothing was measured, in any letters', async () => {
  const points = Array.from({ length: 30 }, (_, day) => ({
    at: new Date(Date.UTC(2026, 0, 1 + day)),
    value: day % 7 === 0 ? undefined : day ** 2,
    isPartial: day === 29,
  }));
  const png = await drawSeries({ title: 'Beiträge, angenommen – ответы', unit: 'OPEN', locale: 'de', points });
  expect(Buffer.from(png.subarray(1, 4)).toString()).toBe('PNG');
  expect(size(png)).toEqual([900, 420]);
  const empty = await drawSeries({ title: 'x', unit: '', locale: 'en', points: [] });
  expect(size(empty)).toEqual([900, 420]);
  // Letters and bars are drawn, not an empty ground.
  expect(png.length).toBeGreaterThan(empty.length + 3_000);
});
