import type { Row } from './row.ts';

/** Characters from which on a paragraph is taken apart, at the end of a line, a sentence or a word, where there is one. */
const longest = 2_000;

/** Splits text at its blank lines. */
export function plainRows(text: string): readonly Row[] {
  return blocksOf(text, () => false).flatMap(parts);
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
  return rows.flatMap(parts);
}

/** A long paragraph in pieces; each says in which line it begins. */
function parts(row: Row): readonly Row[] {
  if (row.text.length <= longest) return [row];
  const pieces: Row[] = [];
  let [start, line] = [0, row.line];
  while (start < row.text.length) {
    const window = row.text.slice(start, start + longest);
    const end = start + longest >= row.text.length ? window.length : breakOf(window);
    const piece = window.slice(0, end);
    if (piece.trim() !== '') pieces.push(rowOf(piece.trim(), line));
    for (let i = 0; i < piece.length; i++) if (piece.charCodeAt(i) === 10) line += 1;
    start += end;
  }
  return pieces;
}

/** Where a window of text is best cut, in its second half; never between the halves of a character. */
function breakOf(window: string): number {
  const half = window.length / 2;
  for (const mark of ['\n', '. ', '。', ' ']) {
    const at = window.lastIndexOf(mark);
    if (at > half) return at + mark.length;
  }
  const last = window.charCodeAt(window.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? window.length - 1 : window.length;
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
