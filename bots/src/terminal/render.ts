import type { Block, Button, Message, Span } from '../core/message.ts';

const bold = (words: string) => `\u001b[1m${words}\u001b[22m`;
const faint = (words: string) => `\u001b[2m${words}\u001b[22m`;

/** What people wrote may move the cursor, or say that it is from us; without control characters it can do neither. */
const plain = (words: string): string => words.replace(/[\p{Cc}\p{Cf}]/gu, (found) => (found === '\n' ? '\n' : ''));

const spanOf = (span: Span): string => {
  if (typeof span === 'string') return plain(span);
  if ('bold' in span) return bold(plain(span.bold));
  if ('said' in span) return plain(span.said).replace(/\s+/g, ' ');
  if ('code' in span) return plain(span.code);
  return `${plain(span.link)} (${span.to})`;
};
const line = (spans: readonly Span[]): string => spans.map(spanOf).join('');

const blockOf = (block: Block): string => {
  switch (block.kind) {
    case 'title':
      return bold(plain(block.text));
    case 'text':
      return line(block.spans);
    case 'list':
      return block.items.map((item) => `  • ${line(item)}`).join('\n');
    case 'fields': {
      const widest = Math.max(...block.fields.map(([name]) => name.length));
      return block.fields.map(([name, value]) => `  ${plain(name).padEnd(widest)}  ${line(value)}`).join('\n');
    }
    case 'quote':
      return plain(block.text)
        .split('\n')
        .map((each) => faint(`  │ ${each}`))
        .join('\n');
    case 'image':
      return faint(`  [${block.alt}]`);
    case 'file':
      return faint(`  [${block.name}, ${block.body.length} bytes]`);
  }
};

/** A message as lines, its buttons with the numbers they are pressed by. */
export const render = ({
  blocks,
  buttons = [],
}: Message): { readonly text: string; readonly buttons: readonly Button[] } => {
  const all = buttons.flat();
  const rows = all.map(
    (button, at) => `  [${at + 1}] ${plain(button.label)}${'url' in button ? `: ${button.url}` : ''}`,
  );
  return { text: [...blocks.map(blockOf), ...rows].join('\n'), buttons: all };
};
