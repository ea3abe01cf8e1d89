import { ComponentType } from 'discord-api-types/v10';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { message, somethingMade } from '../shown/message.fixture.ts';
import { filesOf, limits, type Rendered, render, renderPlain } from './render.ts';

/** All components of a message, those in others too. */
const partsOf = ({ components }: Rendered): readonly Part[] =>
  (components as readonly Part[]).flatMap(function inner(part): readonly Part[] {
    return [part, ...(part.components ?? []).flatMap(inner)];
  });
type Part = {
  readonly type: ComponentType;
  readonly content?: string;
  readonly label?: string;
  readonly custom_id?: string;
  readonly url?: string;
  readonly items?: readonly object[];
  readonly components?: readonly Part[];
};
const textsOf = (rendered: Rendered): readonly string[] => partsOf(rendered).flatMap(({ content }) => content ?? []);

test('whatever is said, in whatever letters and at whatever length, is taken by Discord', () => {
  fc.assert(
    fc.property(message, (some) => {
      const rendered = render(some);
      const parts = partsOf(rendered);
      expect(parts.length).toBeLessThanOrEqual(limits.components);
      const texts = textsOf(rendered);
      expect(texts.join('').length).toBeLessThanOrEqual(limits.text);
      for (const text of texts) {
        expect(text.trim()).not.toBe('');
        expect(text.isWellFormed()).toBe(true);
      }
      const shows = ({ type }: Part) => type !== ComponentType.Container && type !== ComponentType.Separator;
      expect(parts.some(shows)).toBe(true);
      const rows = parts.filter(({ type }) => type === ComponentType.ActionRow);
      expect(rows.length).toBeLessThanOrEqual(limits.rows);
      for (const { components = [] } of rows) {
        expect(components.length).toBeGreaterThan(0);
        expect(components.length).toBeLessThanOrEqual(limits.buttonsInRow);
        for (const { label = '', custom_id, url } of components) {
          expect(label.trim()).not.toBe('');
          expect(label.length).toBeLessThanOrEqual(limits.label);
          expect((custom_id === undefined) !== (url === undefined)).toBe(true);
        }
      }
      const ids = parts.flatMap(({ custom_id: id }) => id ?? []);
      expect(new Set(ids).size).toBe(ids.length);
      const plain = renderPlain(some).content;
      expect(plain.trim()).not.toBe('');
      expect(plain.length).toBeLessThanOrEqual(limits.content);
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
      const rendered = render(some);
      expect(rendered.allowed_mentions).toEqual({ parse: [] });
      for (const text of [...textsOf(rendered), renderPlain(some).content]) {
        const own = text.replace(/^## /gm, '');
        expect(unescaped(own)).not.toMatch(/[<~|#@_]/);
        expect(own.replace(/\]\(https?:[^()\s]*\)/g, '')).not.toMatch(somethingMade);
      }
    }),
    { numRuns: 300 },
  );
});

test('a message reads as it was meant, its picture where it belongs', () => {
  const said = {
    blocks: [
      { kind: 'title', text: 'Rewards' },
      { kind: 'text', spans: ['Earned ', { bold: '1.5 OPEN' }, ' by ', { code: '0x12…ab' }] },
      { kind: 'quote', text: 'hi @everyone\n**x**' },
      { kind: 'image', name: 'fees.png', png: Uint8Array.of(1), alt: 'Fees of 30 days' },
      { kind: 'text', spans: ['Newest: 3.'] },
    ],
    buttons: [[{ label: 'Claim', style: 'main', press: { command: 'claim', action: 'open', args: [] } }]],
    isPrivate: true,
  } as const;
  expect(filesOf(said)).toEqual([{ name: 'fees.png', body: Uint8Array.of(1) }]);
  expect(render(said)).toEqual({
    flags: 1 << 15,
    components: [
      {
        type: 17,
        accent_color: 0x2f5fd0,
        components: [
          {
            type: 10,
            content: '## Rewards\nEarned **1.5 OPEN** by `0x12…ab`\n> hi \\@\u2060everyone\n> \\*\\*x\\*\\*',
          },
          { type: 12, items: [{ media: { url: 'attachment://fees.png' }, description: 'Fees of 30 days' }] },
          { type: 10, content: 'Newest\\: 3.' },
          { type: 14, divider: false },
          { type: 1, components: [{ type: 2, label: 'Claim', style: 1, custom_id: 'claim|open' }] },
        ],
      },
    ],
    allowed_mentions: { parse: [] },
  });
  expect(renderPlain({ blocks: [{ kind: 'text', spans: ['Your data earned 3 OPEN.'] }] })).toEqual({
    content: 'Your data earned 3 OPEN.',
    flags: 4,
    allowed_mentions: { parse: [] },
  });
});
