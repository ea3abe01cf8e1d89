import {
  type APIActionRowComponent,
  type APIButtonComponent,
  type APIComponentInContainer,
  type APIContainerComponent,
  type APIMessageTopLevelComponent,
  ButtonStyle,
  ComponentType,
  MessageFlags,
} from 'discord-api-types/v10';
import type { Block, Button, Message, Span } from '../core/message.ts';
import { encodePress } from '../core/press.ts';
import { fitting, harmless, harmlessName, harmlessQuote } from '../shown/harmless.ts';

/** What Discord takes. Characters are UTF-16 units. https://discord.com/developers/docs/components/reference */
export const limits = {
  /** All texts of a message together. */
  text: 4_000,
  /** A message of plain content. */
  content: 2_000,
  components: 40,
  rows: 5,
  buttonsInRow: 5,
  title: 256,
  label: 80,
  alt: 256,
  files: 10,
} as const;

const styles = { main: ButtonStyle.Primary, plain: ButtonStyle.Secondary, danger: ButtonStyle.Danger } as const;

export type Attachment = { readonly name: string; readonly body: Uint8Array };
type Row = APIActionRowComponent<APIButtonComponent>;

/** What is answered: components in a frame, and no mention of anybody. */
export type Rendered = {
  readonly flags: MessageFlags;
  readonly components: APIMessageTopLevelComponent[];
  readonly allowed_mentions: { parse: [] };
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
    case 'title':
      return [`## ${marks(harmlessName(block.text, limits.title)) || '…'}`];
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

const buttonOf = (button: Button): APIButtonComponent => {
  const label = harmlessName(button.label, limits.label) || '…';
  return 'url' in button
    ? { type: ComponentType.Button, label, style: ButtonStyle.Link, url: button.url }
    : {
        type: ComponentType.Button,
        label,
        style: styles[button.style ?? 'plain'],
        custom_id: encodePress(button.press),
      };
};

const rowsOf = (buttons: readonly (readonly Button[])[]): readonly Row[] =>
  buttons
    .flatMap((row) => chunks(row.map(buttonOf), limits.buttonsInRow))
    .slice(0, limits.rows)
    .map((components) => ({ type: ComponentType.ActionRow, components: [...components] }));

const chunks = <Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));

/** Files that come with a message, in the order in which it shows them. */
export const filesOf = ({ blocks }: Pick<Message, 'blocks'>): readonly Attachment[] =>
  blocks.flatMap((block): readonly Attachment[] => {
    if (block.kind === 'image') return [{ name: block.name, body: block.png }];
    return block.kind === 'file' ? [{ name: block.name, body: block.body }] : [];
  });

/** A message's files as its body names them: what it had before and is not among them is gone. */
export const attachmentsOf = (files: readonly Attachment[]) =>
  files.map(({ name }, id) => ({ id: `${id}`, filename: name }));

/** Texts between pictures and files, each as one component. All of them share what a message may say. */
const shownOf = (blocks: readonly Block[]): readonly APIComponentInContainer[] => {
  const shown: APIComponentInContainer[] = [];
  let left = limits.text;
  let pieces: string[] = [];
  const flush = () => {
    const content = left < 3 ? '' : joined(pieces, left).trim();
    pieces = [];
    if (content === '') return;
    left -= content.length;
    shown.push({ type: ComponentType.TextDisplay, content });
  };
  for (const block of blocks) {
    if (block.kind !== 'image' && block.kind !== 'file') {
      pieces.push(...piecesOf(block));
      continue;
    }
    flush();
    const media = { url: `attachment://${block.name}` };
    if (block.kind === 'file') shown.push({ type: ComponentType.File, file: media });
    else {
      const description = harmlessName(block.alt, limits.alt) || '…';
      shown.push({ type: ComponentType.MediaGallery, items: [{ media, description }] });
    }
  }
  flush();
  return shown;
};

/** A message as what Discord takes. Two buttons of one message may not say the same, so of equal ones the first stays. */
export const render = ({ blocks, buttons = [] }: Message): Rendered => {
  const rows = rowsOf(unlike(buttons));
  const others = rows.reduce((sum, { components }) => sum + components.length + 1, 2);
  const shown = shownOf(blocks).slice(0, limits.components - others);
  const container: APIContainerComponent = {
    type: ComponentType.Container,
    accent_color: colour,
    components: [
      ...(shown.length > 0 ? shown : [{ type: ComponentType.TextDisplay as const, content: '…' }]),
      ...(rows.length > 0 ? [{ type: ComponentType.Separator as const, divider: false }, ...rows] : []),
    ],
  };
  return { flags: MessageFlags.IsComponentsV2, components: [container], allowed_mentions: { parse: [] } };
};

/** With a button below that says what no {@link Button} can. */
export const withButton = (rendered: Rendered, label: string, customId: string): Rendered => {
  const button: APIButtonComponent = {
    type: ComponentType.Button,
    style: ButtonStyle.Primary,
    label: fitting(label, limits.label),
    custom_id: customId,
  };
  return { ...rendered, components: [...rendered.components, { type: ComponentType.ActionRow, components: [button] }] };
};

/** What is said unasked, as plain content: it is what a notification shows of a message. */
export const renderPlain = ({ blocks }: Pick<Message, 'blocks'>) => ({
  content: joined(blocks.flatMap(piecesOf), limits.content).trim() || '…',
  // Nobody's links are unfolded into pictures.
  flags: MessageFlags.SuppressEmbeds,
  allowed_mentions: { parse: [] as [] },
});

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
