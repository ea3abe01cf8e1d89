/**
 * Splits Markdown into rows: paragraphs, each with the headings that lead to it and the code that follows it.
 *
 * @example
 * markdownRows('# Usage\n\nCall it.\n\n```js\nf()\n```') // ['# Usage\n\nCall it.\n\n```js\nf()\n```']
 */
export function markdownRows(text: string): readonly string[] {
  const rows: string[] = [];
  let heading = '';
  for (const block of blocks(text)) {
    if (/^#{1,6} /.test(block) && !block.includes('\n')) {
      heading = heading === '' ? block : `${heading}\n\n${block}`;
      continue;
    }
    const previous = rows.length - 1;
    if (isCode(block) && heading === '' && previous >= 0 && rows[previous]!.length + block.length < 2_400) {
      rows[previous] += `\n\n${block}`;
      continue;
    }
    rows.push(heading === '' ? block : `${heading}\n\n${block}`);
    heading = '';
  }
  if (heading !== '') rows.push(heading);
  return rows;
}

/** Splits plain text at its blank lines. */
export function paragraphRows(text: string): readonly string[] {
  return text
    .replace(/\r\n?/g, '\n')
    .split(/\n[ \t]*\n+/)
    .map((row) => row.trim())
    .filter((row) => row !== '');
}

/**
 * The documentation comments of Solidity or TypeScript source, each with the line it documents.
 *
 * @example
 * commentRows('/** Adds. *\/\nfunction add(uint a, uint b) {') // ['function add(uint a, uint b)\n\nAdds.']
 */
export function commentRows(source: string): readonly string[] {
  const rows: string[] = [];
  const pattern = /\/\*\*([\s\S]*?)\*\/\s*([^\n]*(?:\n(?![^\n]*\/\*)[^\n{;]*){0,3})/g;
  for (const [, comment = '', below = ''] of source.matchAll(pattern)) {
    const text = comment
      .split('\n')
      .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
      .join('\n')
      .replace(/^@(dev|notice) /gm, '')
      .trim();
    if (text.length < 40) continue;
    const signature = (below.split(/[{;]/)[0] ?? '').replace(/\s+/g, ' ').trim();
    rows.push(signature === '' ? text : `${signature}\n\n${text}`);
  }
  return rows;
}

/** Markdown's blocks: split at blank lines, except inside fenced code. */
function blocks(text: string): readonly string[] {
  const found: string[] = [];
  let current: string[] = [];
  let fence = '';
  const close = () => {
    const block = current.join('\n').trim();
    if (block !== '') found.push(block);
    current = [];
  };
  for (const line of text.replace(/\r\n?/g, '\n').split('\n')) {
    const mark = /^\s*(```+|~~~+)/.exec(line)?.[1] ?? '';
    if (fence === '' && mark !== '') {
      if (current.length > 0) close();
      fence = mark;
      current.push(line);
    } else if (fence !== '' && mark !== '' && mark.startsWith(fence)) {
      current.push(line);
      fence = '';
      close();
    } else if (fence === '' && line.trim() === '') close();
    else if (fence === '' && /^#{1,6} /.test(line)) {
      close();
      current.push(line);
      close();
    } else current.push(line);
  }
  close();
  return found;
}

function isCode(block: string): boolean {
  return /^\s*(```|~~~)/.test(block);
}
