import type { Block, Button, Message, Span } from '../core/message.ts';
import { encodePress } from '../core/press.ts';
import { fitting, harmless, harmlessName, harmlessQuote } from '../shown/harmless.ts';

/** What Discord takes. Characters are UTF-16 units. */
export const limits = {
  content: 2_000,
  embedTitle: 256,
  embedText: 4_096,
  embed: 6_000,
  rows: 5,
  buttonsInRow: 5,
  label: 80,
} as const;

/** From discord-api-types' enums, so that what is made here is plain data. */
const types = { row: 1, button: 2, styles: { main: 1, plain: 2, danger: 4, link: 5 } } as const;

export type ButtonComponent = {
  readonly type: 2;
  readonly label: string;
  readonly style: number;
  readonly custom_id?: string;
  readonly url?: string;
};
export type Row = { readonly type: 1; readonly components: readonly ButtonComponent[] };
export type Embed = {
  readonly title?: string;
  readonly description?: string;
  readonly color: number;
  readonly image?: { readonly url: string };
};
export type Attachment = { readonly name: string; readonly body: Uint8Array };

/** One message: an embed each for what it says, so that long answers fit, and no mention of anybody. */
export type Rendered = {
  readonly embeds: readonly Embed[];
  readonly components: readonly Row[];
  readonly files: readonly Attachment[];
  readonly allowed_mentions: { readonly parse: readonly [] };
};

const colour = 0x2f5fd0;

/** Markdown of Discord's, each sign of it shown as itself. */
const marks = (words: string): string =>
  words
    .replace(/[\\*_~`|>#\-[\]()<@:]/g, '\\$&')
    // A number at the beginning of a line would count it as a list.
    .replace(/^(\s*\d+)\.(?=\s)/gm, '$1\\.');
const escaped = (words: string): string => marks(harmless(words));
const escapedName = (words: string): string => marks(harmlessName(words));

const spanOf = (span: Span): string => {
  if (typeof span === 'string') return escaped(span);
  if ('bold' in span) return `**${escapedName(span.bold)}**`;
  if ('said' in span) return escapedName(span.said);
  // No backslash escapes within: the mark itself is left out.
  if ('code' in span) return `\`${harmless(span.code).replace(/`/g, 'ˋ').replace(/\n/g, ' ') || ' '}\``;
  return `[${escapedName(span.link)}](${escapedUrl(span.to)})`;
};
const escapedUrl = (url: string): string =>
  url.replace(/[()<>\s]/g, (found) => `%${found.charCodeAt(0).toString(16).padStart(2, '0')}`);
const line = (spans: readonly Span[]): string => spans.map(spanOf).join('');

const quoted = (words: string): string =>
  marks(harmlessQuote(fitting(words, 1_800)))
    .split('\n')
    .map((each) => `> ${each}`)
    .join('\n');

const piecesOf = (block: Block): readonly string[] => {
  switch (block.kind) {
    case 'text':
      return [line(block.spans)];
    case 'list':
      return block.items.map((item) => `• ${line(item)}`);
    case 'fields':
      return block.fields.map(([name, value]) => `${escaped(name)}: ${line(value)}`);
    case 'quote':
      return [quoted(block.text)];
    default:
      return [];
  }
};

/** A piece that no message holds: without what would be left open where it is cut. */
const cut = (piece: string, most: number): string => {
  const plain = piece.replace(/\]\(https?:[^()\s]*\)/g, ']').replace(/`/g, 'ˋ');
  return fitting(escapedAgain(plain), most).replace(/\\+…$/, '…');
};
/** What stood within marks of code was not escaped. */
const escapedAgain = (words: string): string =>
  words.replace(/(\\.)|([<~|#@_])/gs, (_, kept, bare) => kept ?? `\\${bare}`);

/** Pieces as many as fit, in their order; what is left out is said. */
const joined = (pieces: readonly string[], most: number): string => {
  let text = '';
  for (const piece of pieces) {
    const next = text === '' ? piece : `${text}\n${piece}`;
    if (next.length <= most - 2) text = next;
    else if (text === '') return cut(piece, most);
    else return `${text}\n…`;
  }
  return text;
};

const buttonOf = (button: Button): ButtonComponent => {
  const label = harmlessName(button.label, limits.label) || '…';
  return 'url' in button
    ? { type: types.button, label, style: types.styles.link, url: button.url }
    : {
        type: types.button,
        label,
        style: types.styles[button.style ?? 'plain'],
        custom_id: encodePress(button.press),
      };
};

export const rowsOf = (buttons: readonly (readonly Button[])[] = []): readonly Row[] =>
  buttons
    .flatMap((row) => chunks(row.map(buttonOf), limits.buttonsInRow))
    .slice(0, limits.rows)
    .map((components) => ({ type: types.row, components }));

const chunks = <Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));

/** A message as what Discord takes. Two buttons of one message may not say the same, so of equal ones the first stays. */
export const render = ({ blocks, buttons }: Message): Rendered => {
  const title = blocks.find((block) => block.kind === 'title');
  const files = blocks.flatMap((block): readonly Attachment[] => {
    if (block.kind === 'image') return [{ name: block.name, body: block.png }];
    return block.kind === 'file' ? [{ name: block.name, body: block.body }] : [];
  });
  const picture = blocks.find((block) => block.kind === 'image');
  const heading = title && (cut(escapedName(title.text), limits.embedTitle).trim() || '…');
  const description = joined(blocks.flatMap(piecesOf), limits.embedText).trim();
  const embed: Embed = {
    color: colour,
    ...(heading && { title: heading }),
    ...(description !== '' && { description }),
    ...(picture && { image: { url: `attachment://${picture.name}` } }),
  };
  const isEmpty = heading === undefined && description === '' && picture === undefined;
  return {
    embeds: isEmpty ? (files.length > 0 ? [] : [{ color: colour, description: '…' }]) : [embed],
    components: rowsOf(unlike(buttons ?? [])),
    files,
    allowed_mentions: { parse: [] },
  };
};

const unlike = (buttons: readonly (readonly Button[])[]): readonly (readonly Button[])[] => {
  const seen = new Set<string>();
  return buttons
    .map((row) =>
      row.filter((button) => {
        if ('url' in button) return true;
        const says = encodePress(button.press);
        if (seen.has(says)) return false;
        seen.add(says);
        return true;
      }),
    )
    .filter((row) => row.length > 0);
};
