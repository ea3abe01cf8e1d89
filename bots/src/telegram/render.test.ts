import fc from 'fast-check';
import { expect, test } from 'vitest';
import { message, somethingMade } from '../shown/message.fixture.ts';
import { limits, render } from './render.ts';

const tags = /<\/?(?:b|code|blockquote)(?: expandable)?>|<a href="[^"<>]*">|<\/a>/g;

test('whatever is said, in whatever letters and at whatever length, is taken by the Bot API', () => {
  fc.assert(
    fc.property(message, (some) => {
      const parts = render(some);
      expect(parts.length).toBeGreaterThan(0);
      for (const part of parts) {
        expect(part.html.length).toBeLessThanOrEqual(part.kind === 'text' ? limits.text : limits.caption);
        if (part.kind === 'text') expect(part.html.replace(tags, '').trim()).not.toBe('');
        expect(part.html.isWellFormed()).toBe(true);
        expect(part.keyboard.length).toBeLessThanOrEqual(limits.rows);
        for (const row of part.keyboard) {
          expect(row.length).toBeGreaterThan(0);
          expect(row.length).toBeLessThanOrEqual(limits.buttonsInRow);
          for (const button of row)
            if ('callback_data' in button) expect(Buffer.byteLength(button.callback_data)).toBeLessThanOrEqual(64);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('nobody’s words become markup, links or mentions', () => {
  fc.assert(
    fc.property(message, (some) => {
      for (const { html } of render(some)) {
        const rest = html.replace(tags, '');
        expect(rest).not.toMatch(/[<>]/);
        expect(rest.replace(/&(?:amp|lt|gt);/g, '')).not.toContain('&');
        expect(rest).not.toMatch(somethingMade);
      }
    }),
    { numRuns: 300 },
  );
});

test('a message reads as it was meant', () => {
  const [part] = render({
    blocks: [
      { kind: 'title', text: 'Rewards' },
      { kind: 'fields', fields: [['Earned', [{ bold: '1.5 OPEN' }]]] },
      { kind: 'quote', text: 'see <b>evil.example</b>' },
    ],
    buttons: [[{ label: 'Claim', url: 'https://api.example/claim?a=1&b=2' }]],
    isPrivate: true,
  });
  expect(part).toEqual({
    kind: 'text',
    html: '<b>Rewards</b>\nEarned: <b>1.5 OPEN</b>\n<blockquote expandable>see &lt;b&gt;evil.\u2060example&lt;/b&gt;</blockquote>',
    keyboard: [[{ text: 'Claim', url: 'https://api.example/claim?a=1&b=2' }]],
  });
});
