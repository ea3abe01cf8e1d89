import fc from 'fast-check';
import type { Block, Button, Message, Span } from '../core/message.ts';

/** What people, models and attackers write. */
export const words: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.constantFrom(
    '@everyone @here <@123> <@&5> <#7>',
    'https://evil.example/x?y=z and evil.example tg://resolve?domain=x discord.gg/abc mail@evil.example',
    '[click](https://evil.example) <a href="https://evil.example">x</a> **bold** `code` ||spoiler||',
    '\u202Eright to left\u202C \u200B zero \u0000 null \uD800 half',
    `a${'\u0301'.repeat(80)}`,
    '# heading\n> quote\n- list\n```js\ncode\n```',
    'x'.repeat(9_000),
    '😀'.repeat(3_000),
    '&<>"\''.repeat(900),
    '/unlink me\n/forget\u2028# Official\r\n-# small #free $MONEY +12125550123 203.0.113.7',
    '\u3164\u2800\u115F \u200Dx\u200C',
    '1. one\n2. two',
  ),
  fc.lorem({ maxCount: 300 }),
);
const span: fc.Arbitrary<Span> = fc.oneof(
  words,
  words.map((bold) => ({ bold })),
  words.map((code) => ({ code })),
  words.map((said) => ({ said })),
  fc.tuple(words, fc.webUrl()).map(([link, to]) => ({ link, to })),
);
const spans = fc.array(span, { maxLength: 4 });
const block: fc.Arbitrary<Block> = fc.oneof(
  words.map((text): Block => ({ kind: 'title', text })),
  spans.map((some): Block => ({ kind: 'text', spans: some })),
  fc.array(spans, { maxLength: 30 }).map((items): Block => ({ kind: 'list', items })),
  fc.array(fc.tuple(words, spans), { maxLength: 30 }).map((fields): Block => ({ kind: 'fields', fields })),
  words.map((text): Block => ({ kind: 'quote', text })),
  words.map((alt): Block => ({ kind: 'image', name: 'chart.png', png: Uint8Array.of(1), alt })),
  fc.constant<Block>({ kind: 'file', name: 'all.json', mediaType: 'application/json', body: Uint8Array.of(1) }),
);
const button: fc.Arbitrary<Button> = fc.oneof(
  words.map((label): Button => ({ label, press: { command: 'model', action: 'show', args: ['1'] } })),
  fc.tuple(words, fc.webUrl()).map(([label, url]): Button => ({ label, url })),
);

export const message: fc.Arbitrary<Message> = fc.record({
  blocks: fc.array(block, { maxLength: 8 }),
  buttons: fc.array(fc.array(button, { maxLength: 10 }), { maxLength: 14 }),
  isPrivate: fc.boolean(),
});

/** What a platform would make of somebody's words, where they are not ours. */
export const somethingMade = /@\w|:\/\/|[\p{L}\p{N}-]\.\p{L}|[#$][\p{L}_]|\+\d{5}|\d\.\d+\.\d+\.\d/u;
