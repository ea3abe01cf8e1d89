import type { Row } from './row.ts';

/** Splits text at its blank lines. */
export function plainRows(text: string): readonly Row[] {
  return blocksOf(text, () => false);
}

/** Splits Markdown at its blank lines, but not inside fenced code; a heading goes with what follows it. */
export function markdownRows(text: string): readonly Row[] {
  const rows: Row[] = [];
  let headings: Row[] = [];
  const flush = (row?: Row) => {
    const all = row === undefined ? headings : [...headings, row];
    if (all.length > 0) rows.push(rowOf(all.map(({ text }) => text).join('\n\n'), all[0]!.line));
    headings = [];
  };
  let fence = '';
  const fenced = (line: string) => {
    const mark = /^\s{0,3}(```+|~~~+)/.exec(line)?.[1] ?? '';
    if (fence === '') fence = mark;
    else if (mark.startsWith(fence)) {
      fence = '';
      return true;
    }
    return fence !== '';
  };
  for (const block of blocksOf(text, fenced)) {
    if (/^#{1,6} [^\n]*$/.test(block.text) && headings.length < 6) headings.push(block);
    else flush(block);
  }
  flush();
  return rows;
}

const rowOf = (text: string, line: number): Row => ({ text, content: text, line });

function blocksOf(text: string, fenced: (line: string) => boolean): readonly Row[] {
  const rows: Row[] = [];
  let current: string[] = [];
  let begin = 1;
  const close = () => {
    const block = current.join('\n').trim();
    if (block !== '') rows.push(rowOf(block, begin));
    current = [];
  };
  text.split(/\r\n|\n|\r/).forEach((line, index) => {
    const inside = fenced(line);
    if (!inside && line.trim() === '') close();
    else {
      if (!inside && /^#{1,6} /.test(line)) close();
      if (current.length === 0) begin = index + 1;
      current.push(line);
      if (!inside && /^#{1,6} /.test(line)) close();
    }
  });
  close();
  return rows;
}
