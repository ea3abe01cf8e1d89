const permissive = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Unlicense',
  'Zlib',
]);

/**
 * Whether an SPDX expression allows any use: of licences joined by OR one, of those joined by AND all. What the package's own
 * licence file says against it counts.
 */
export const isPermissive = (expression: string, text: string): boolean => {
  const plain = expression.replace(/[()]/g, ' ').trim();
  if (plain === '') return false;
  if (/GNU (AFFERO |LESSER )?GENERAL PUBLIC LICENSE|Mozilla Public License|Creative Commons Attribution/i.test(text)) {
    return false;
  }
  return plain.split(/\s+AND\s+/).every((part) => part.split(/\s+OR\s+/).some((id) => permissive.has(id.trim())));
};
