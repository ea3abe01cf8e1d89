import type { Block, Button, Message, Span } from '../core/message.ts';
import { encodePress } from '../core/press.ts';
import { fitting, harmless, harmlessName, harmlessQuote } from '../shown/harmless.ts';

/** What the Bot API takes. Characters are UTF-16 units, after entities are read; markup counts too here, to be on the safe side. */
export const limits = { text: 4_096, caption: 1_024, buttonsInRow: 8, rows: 12, label: 64 } as const;

export type KeyboardButton =
  | { readonly text: string; readonly callback_data: string }
  | { readonly text: string; readonly url: string };
export type Keyboard = readonly (readonly KeyboardButton[])[];

/** Messages that one answer becomes, in order; the keyboard is on the last. */
export type Part =
  | { readonly kind: 'text'; readonly html: string; readonly keyboard: Keyboard }
  | {
      readonly kind: 'photo';
      readonly name: string;
      readonly png: Uint8Array;
      readonly html: string;
      readonly keyboard: Keyboard;
    }
  | {
      readonly kind: 'document';
      readonly name: string;
      readonly body: Uint8Array;
      readonly html: string;
      readonly keyboard: Keyboard;
    };

const entities = (words: string): string =>
  words.replace(/[&<>]/g, (found) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[found]!);
const escaped = (words: string): string => entities(harmless(words));
const escapedName = (words: string): string => entities(harmlessName(words));

const spanOf = (span: Span): string => {
  if (typeof span === 'string') return escaped(span);
  if ('bold' in span) return `<b>${escapedName(span.bold)}</b>`;
  if ('said' in span) return escapedName(span.said);
  if ('code' in span) return `<code>${escaped(span.code)}</code>`;
  return `<a href="${escapedUrl(span.to)}">${escapedName(span.link)}</a>`;
};
const escapedUrl = (url: string): string =>
  url.replace(/&/g, '&amp;').replace(/"/g, '%22').replace(/</g, '%3C').replace(/>/g, '%3E');
const line = (spans: readonly Span[]): string => spans.map(spanOf).join('');

/** Pieces that are never cut in the middle: each stands for itself as HTML. */
const piecesOf = (block: Block): readonly string[] => {
  switch (block.kind) {
    case 'title':
      return [`<b>${entities(harmlessName(block.text, 256))}</b>`];
    case 'text':
      return [line(block.spans)];
    case 'list':
      return block.items.map((item) => `• ${line(item)}`);
    case 'fields':
      return block.fields.map(([name, value]) => `${escaped(name)}: ${line(value)}`);
    case 'quote':
      return [`<blockquote expandable>${entities(harmlessQuote(fitting(block.text, 3_000)))}</blockquote>`];
    default:
      return [];
  }
};

/** A piece that no message holds is shown as what it says, cut. */
const pieceThatFits = (html: string, most: number): string => {
  if (html.length <= most) return html;
  const plain = fitting(html.replace(/<[^>]+>/g, ''), most);
  // Never half of an escaped character.
  return plain.replace(/&[a-z]*…$/, '…');
};

const packed = (pieces: readonly string[], most: number): readonly string[] => {
  const texts: string[] = [];
  for (const piece of pieces.map((each) => pieceThatFits(each, most))) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + 1 + piece.length <= most) texts[texts.length - 1] = `${last}\n${piece}`;
    else texts.push(piece);
  }
  return texts;
};

const buttonOf = (button: Button): KeyboardButton => {
  const text = harmlessName(button.label, limits.label) || '…';
  return 'url' in button ? { text, url: button.url } : { text, callback_data: encodePress(button.press) };
};

export const keyboardOf = (buttons: readonly (readonly Button[])[] = []): Keyboard =>
  buttons
    .flatMap((row) => chunks(row.map(buttonOf), limits.buttonsInRow))
    .filter((row) => row.length > 0)
    .slice(0, limits.rows);

const chunks = <Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));

/** A message as what the Bot API takes, in HTML (`parse_mode`), split where it is too long. */
export const render = ({ blocks, buttons }: Message): readonly Part[] => {
  const keyboard = keyboardOf(buttons);
  const parts: Part[] = [];
  const none: Keyboard = [];
  let pieces: string[] = [];
  const flush = () => {
    parts.push(...packed(pieces, limits.text).map((html): Part => ({ kind: 'text', html, keyboard: none })));
    pieces = [];
  };
  for (const block of blocks) {
    if (block.kind === 'image' || block.kind === 'file') {
      // What comes before a picture is its caption, where it is short enough.
      const caption = pieces.join('\n');
      const isCaption = caption.length <= limits.caption;
      if (!isCaption) flush();
      const html = isCaption ? caption : '';
      pieces = [];
      parts.push(
        block.kind === 'image'
          ? { kind: 'photo', name: block.name, png: block.png, html, keyboard: none }
          : { kind: 'document', name: block.name, body: block.body, html, keyboard: none },
      );
    } else pieces.push(...piecesOf(block).filter((piece) => piece.replace(/<[^>]+>/g, '').trim() !== ''));
  }
  flush();
  if (parts.length === 0) parts.push({ kind: 'text', html: '…', keyboard: none });
  return parts.map((part, at) => (at === parts.length - 1 ? { ...part, keyboard } : part));
};
