import fc from 'fast-check';
import { expect, test } from 'vitest';
import { message, somethingMade } from '../shown/message.fixture.ts';
import { limits, render } from './render.ts';

test('whatever is said, in whatever letters and at whatever length, is taken by Discord', () => {
  fc.assert(
    fc.property(message, (some) => {
      const { embeds, components, files } = render(some);
      expect(embeds.length + files.length).toBeGreaterThan(0);
      for (const { title = '', description = '', image } of embeds) {
        expect(title.length).toBeLessThanOrEqual(limits.embedTitle);
        expect(description.length).toBeLessThanOrEqual(limits.embedText);
        expect(title.length + description.length).toBeLessThanOrEqual(limits.embed);
        expect((title + description + (image?.url ?? '')).trim()).not.toBe('');
        expect((title + description).isWellFormed()).toBe(true);
      }
      expect(components.length).toBeLessThanOrEqual(limits.rows);
      const ids: string[] = [];
      for (const row of components) {
        expect(row.components.length).toBeGreaterThan(0);
        expect(row.components.length).toBeLessThanOrEqual(limits.buttonsInRow);
        for (const { label, custom_id, url } of row.components) {
          expect(label.trim()).not.toBe('');
          expect(label.length).toBeLessThanOrEqual(limits.label);
          expect((custom_id === undefined) !== (url === undefined)).toBe(true);
          if (custom_id !== undefined) ids.push(custom_id);
        }
      }
      expect(new Set(ids).size).toBe(ids.length);
    }),
    { numRuns: 300 },
  );
});

/** Without links of ours, without what is escaped, and without our own marks. */
const unescaped = (text: string): string =>
  text
    .replace(/\]\(https?:[^()\s]*\)/g, '')
    .replace(/\\[\s\S]/g, '')
    .replace(/`[^`]*`/g, '');

test('nobody’s words become markup, links or mentions', () => {
  fc.assert(
    fc.property(message, (some) => {
      const { embeds, allowed_mentions } = render(some);
      expect(allowed_mentions).toEqual({ parse: [] });
      for (const { description = '', title = '' } of embeds) {
        const rest = unescaped(description);
        expect(rest).not.toMatch(/[<~|#@_]/);
        expect(description.replace(/\]\(https?:[^()\s]*\)/g, '')).not.toMatch(/:\/\/|@\w/);
        expect(title).not.toMatch(somethingMade);
        expect(title.replace(/\\[\s\S]/g, '')).not.toMatch(/[*<~|#@_`\n]/);
      }
    }),
    { numRuns: 300 },
  );
});

test('a message reads as it was meant', () => {
  expect(
    render({
      blocks: [
        { kind: 'title', text: 'Rewards' },
        { kind: 'text', spans: ['Earned ', { bold: '1.5 OPEN' }, ' by ', { code: '0x12…ab' }] },
        { kind: 'quote', text: 'hi @everyone\n**x**' },
      ],
      buttons: [[{ label: 'Claim', style: 'main', press: { command: 'claim', action: 'open', args: [] } }]],
      isPrivate: true,
    }),
  ).toEqual({
    embeds: [
      {
        color: 0x2f5fd0,
        title: 'Rewards',
        description: 'Earned **1.5 OPEN** by `0x12…ab`\n> hi \\@\u2060everyone\n> \\*\\*x\\*\\*',
      },
    ],
    components: [{ type: 1, components: [{ type: 2, label: 'Claim', style: 1, custom_id: 'claim|open' }] }],
    files: [],
    allowed_mentions: { parse: [] },
  });
});
