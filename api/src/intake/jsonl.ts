import { rowOfFields } from './fields.ts';
import { UnreadableError } from './finding.ts';
import type { Row } from './row.ts';
import { bounds } from './rules.ts';

/**
 * Reads JSON Lines: an object on each line; {"question","answer"}, {"text"}, {"messages":[{"role","content"}]}, or any others.
 * @throws UnreadableError naming the line that is no object, too long, or too deeply nested
 */
export function jsonlRows(text: string): readonly Row[] {
  const rows: Row[] = [];
  let [start, line] = [0, 0];
  while (start < text.length) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    line += 1;
    if (end - start > bounds.record) {
      throw new UnreadableError(
        'reading',
        `Line ${line} has ${(end - start).toLocaleString('en')} characters; a line of JSON Lines may have ${bounds.record.toLocaleString('en')}. Put each record on a line of its own.`,
      );
    }
    const source = text.slice(start, end).trim();
    start = end + 1;
    if (source === '') continue;
    const row = rowOfFields(fieldsOf(parse(source, line), line), line);
    if (row !== undefined) rows.push(row);
    if (rows.length > bounds.rows) throw tooManyRows();
  }
  return rows;
}

export const tooManyRows = () =>
  new UnreadableError(
    'reading',
    `There are more than ${bounds.rows.toLocaleString('en')} rows. Split the file and send the parts one by one.`,
  );

function parse(source: string, line: number): object {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/,? ?"[\s\S]*$/, '').slice(0, 120) : '';
    throw new UnreadableError(
      'reading',
      `Line ${line} is not JSON (${reason}). Each line must be one object, for example {"question":"…","answer":"…"}.`,
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UnreadableError(
      'reading',
      `Line ${line} is not an object. Each line must be one, for example {"question":"…","answer":"…"}.`,
    );
  }
  return value;
}

function fieldsOf(record: object, line: number): readonly (readonly [string, string])[] {
  const messages = 'messages' in record && Array.isArray(record.messages) ? record.messages : undefined;
  if (messages !== undefined && messages.length > 0) {
    const said = messages.slice(0, 1_000).map((message) => {
      const { role, content } = (message ?? {}) as { role?: unknown; content?: unknown };
      return [String(role ?? ''), valueText(content, line)] as const;
    });
    const [asked, answered] = [said.filter(([role]) => role === 'user'), said.filter(([role]) => role === 'assistant')];
    if (asked.length === 1 && answered.length === 1)
      return [
        ['question', asked[0]![1]],
        ['answer', answered[0]![1]],
      ];
    return said;
  }
  const entries = Object.entries(record);
  if (entries.length > bounds.columns) {
    throw new UnreadableError(
      'reading',
      `Line ${line} has ${entries.length.toLocaleString('en')} fields; at most ${bounds.columns} are read.`,
    );
  }
  return entries.map(([name, value]) => [name, valueText(value, line)] as const);
}

/** The words and numbers in a value, in order. Walks with a list of its own: the call stack is not the contributor's to fill. */
function valueText(value: unknown, line: number): string {
  if (typeof value === 'string') return whole(value, line);
  const parts: string[] = [];
  const open: [value: unknown, depth: number][] = [[value, 0]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [inner, depth] = next;
    if (depth > bounds.depth) {
      throw new UnreadableError(
        'reading',
        `Line ${line} nests objects or lists more than ${bounds.depth} deep. Flatten it to named texts.`,
      );
    }
    if (typeof inner === 'string') parts.push(whole(inner, line));
    else if (typeof inner === 'number' || typeof inner === 'boolean') parts.push(String(inner));
    else if (typeof inner === 'object' && inner !== null) {
      const values = Object.values(inner);
      for (let i = values.length - 1; i >= 0; i--) open.push([values[i], depth + 1]);
    }
  }
  return parts.join('\n');
}

/** JSON can escape half a character and NUL, which neither UTF-8 nor Postgres can hold. */
function whole(text: string, line: number): string {
  if (!text.isWellFormed()) {
    throw new UnreadableError(
      'reading',
      `Line ${line} escapes half of a character (a lone surrogate, \\ud800 to \\udfff). Write the character itself.`,
    );
  }
  if (text.includes('\0'))
    throw new UnreadableError('reading', `Line ${line} holds a NUL character (\\u0000). Leave it out.`);
  return text;
}
