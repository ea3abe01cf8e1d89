const secrets =
  /\b(AKIA[0-9A-Z]{16}|gh[pousr]_\w{20,}|xox[abprs]-[\w-]{10,}|sk-[\w-]{20,}|eyJ[\w-]{10,}\.[\w-]+\.[\w-]*)\b/g;
const privateKeys = /-----BEGIN [A-Z ]+-----[\s\S]*?-----END [A-Z ]+-----/g;
const mail = /<?\b[\w.+-]+@[\w-]+(\.[\w-]+)*\.[a-z]{2,}\b>?/gi;
const longCode = /\b(0x)?[0-9a-f]{24,}\b|[A-Za-z0-9+/_-]{80,}={0,2}/gi;
const dataUri = /data:[\w/+.-]+;base64,[\w+/=]+/g;

/** Text without addresses, keys, hashes, encoded data and pictures, and with links as their words. */
export const clean = (text: string): string =>
  text
    .toWellFormed()
    .replace(/^---\n[\s\S]*?\n---\n/, '')
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(privateKeys, '')
    .replace(dataUri, '')
    .replace(/\[!\[[^\]]*\]\([^)]*\)\]\([^)]*\)/g, '')
    .replace(/!\[[^\]]*\](\([^)]*\)|\[[^\]]*\])/g, '')
    .replace(/\[((?:[^[\]\n]|\[[^[\]\n]*\])+)\]\((?:[^()\s]|\([^()]*\))+(?:\s+"[^"\n]*")?\)/g, '$1')
    .replace(/^\[[^\]]+\]:\s*\S+.*$/gm, '')
    .replace(
      /<\/?(a|img|p|div|span|br|picture|source|table|tr|td|th|tbody|thead|h\d|sup|sub|details|summary|b|i|center|kbd)\b[^>]*>/gi,
      '',
    )
    .replace(secrets, '')
    .replace(mail, '')
    .replace(longCode, '')
    .replace(/https?:\/\/[^\s)>\]"'`]{60,}/g, '')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be removed
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufeff\ufffd\u200b-\u200f]/g, '')
    .replace(/[^\S\n]+$/gm, '')
    .replace(/([=*_~#-])\1{9,}/g, '$1$1$1$1')
    .replace(/ {17,}/g, ' '.repeat(16))
    .replace(/\n{3,}/g, '\n\n')
    .trim();

const legal =
  /permission is hereby granted|redistribution and use in source|licensed under the|the software is provided|all rights reserved/i;

/** Sections of Markdown that are the same in thousands of packages. */
const common =
  /^#+\s*(licen[cs]e|contribut\w*|sponsor\w*|backers|support(ers| us)|acknowledge?ments?|credits|authors?|maintainers?|security contact|for enterprise)\b/i;

/** The paragraphs of a Markdown text without licences, thanks and appeals for money; code fences stay whole. */
export const paragraphsOf = (markdown: string): readonly string[] => {
  const paragraphs: string[] = [];
  let skipping = 0;
  for (const paragraph of splitOutsideFences(markdown)) {
    const level = /^(#+)\s/.exec(paragraph)?.[1]?.length;
    if (level !== undefined && (skipping === 0 || level <= skipping)) skipping = common.test(paragraph) ? level : 0;
    if (skipping === 0 && !legal.test(paragraph)) paragraphs.push(paragraph);
  }
  return paragraphs;
};

/** Paragraphs as blank lines divide them, but for blank lines in code. */
export const splitOutsideFences = (text: string): readonly string[] => {
  const paragraphs: string[] = [];
  let lines: string[] = [];
  let isFenced = false;
  const end = () => {
    if (lines.length > 0) paragraphs.push(lines.join('\n'));
    lines = [];
  };
  for (const line of text.split('\n')) {
    if (/^\s*(```|~~~)/.test(line)) isFenced = !isFenced;
    if (line === '' && !isFenced) end();
    else lines.push(line);
  }
  end();
  return paragraphs;
};

/** Whether a paragraph reads as English or as code that a person wrote, not as a table of data or minified text. */
export const isReadable = (paragraph: string): boolean => {
  const longest = paragraph.split('\n').reduce((most, line) => Math.max(most, line.length), 0);
  if (longest > 1_500) return false;
  const letters = paragraph.match(/[A-Za-z]/g)?.length ?? 0;
  const foreign = paragraph.match(/[^\p{ASCII}]/gu)?.length ?? 0;
  const longestWord = paragraph.match(/\S{100,}/);
  return letters >= paragraph.length * 0.4 && foreign <= paragraph.length * 0.05 && longestWord === null;
};
