import type { Field, Input } from './command.ts';

/**
 * Words after a command as its fields, in their order, the last field taking the rest.
 *
 * @example inputOf(ask.fields, '3 What is a pool?') // { model: '3', question: 'What is a pool?' }
 */
export const inputOf = (fields: readonly Field[], typed: string): Input => {
  const words = typed.trim().split(/\s+/).filter(Boolean);
  const named = fields.filter(({ kind }) => kind !== 'file');
  let rest = typed.trim();
  const input: Record<string, string> = {};
  for (const [at, { name, kind }] of named.entries()) {
    if (words.length <= at) break;
    const isLast = kind === 'long' || at === named.length - 1;
    input[name] = isLast ? rest : words[at]!;
    if (isLast) break;
    rest = rest.slice(words[at]!.length).trimStart();
  }
  return input;
};
