/** A documentation comment, and the first line of what it documents. */
const block = /\/\*\*(?!\/)([\s\S]*?)\*\/[^\S\n]*\n?[^\S\n]*([^\n]*)/g;
const natSpecLines = /(?:^[^\S\n]*\/\/\/[^\n]*\n)+[^\S\n]*[^\n]*/gm;

const boilerplate =
  /@licen[cs]e|@preserve|copyright|permission is hereby|licensed under|eslint-|istanbul|sourceMappingURL|@internal|@ignore|^[*\s=#-]*$/i;

/** The documentation comments of a source file as Markdown-like paragraphs, each followed by the line that it documents. */
export const commentsOf = (source: string): readonly string[] => {
  const found = [...source.matchAll(block)].map(([, body, next]) => paragraph(body!, next!));
  const lines = [...source.matchAll(natSpecLines)].map(([text]) => {
    const all = text.split('\n');
    return paragraph(
      all
        .slice(0, -1)
        .map((line) => line.replace(/^\s*\/\/\//, ' *'))
        .join('\n'),
      all.at(-1)!,
    );
  });
  return [...found, ...lines].filter((text) => text !== '');
};

const paragraph = (body: string, next: string): string => {
  const text = body
    .split('\n')
    .map((line) =>
      line.replace(/^\s*\*( {4,}|\t| ?)/, (_, space: string) => (space.length > 3 ? space.slice(1) : '')).trimEnd(),
    )
    .join('\n')
    .trim();
  if (text.length < 12 || !/[a-z]{3}/.test(text) || boilerplate.test(text)) return '';
  return `${text}${signature(next)}`;
};

const signature = (line: string): string => {
  const code = line
    .replace(/^(export |declare |default |public |private )+/, '')
    .replace(/\s*[{;,]?\s*$/, '')
    .trim();
  const isCode = code.length >= 4 && code.length <= 160 && /^[\w"'[(]/.test(code) && !/^(import|\/)/.test(code);
  return isCode ? `\n${code}` : '';
};
