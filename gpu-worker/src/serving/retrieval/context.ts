import type { Message } from '../door/language.ts';
import type { Passage } from './passages.ts';

/** A conversation, and the passages that the model is given with it, as far as it reads them. */
export type Retrieved = { readonly messages: readonly Message[]; readonly passages: readonly Passage[] };

/**
 * A conversation with passages before it, where models are told what they are to know: in the system's message.
 *
 * @example withPassages([{ role: 'user', content: 'What do bees do?' }], ['Bees dance.'])
 */
export const withPassages = (messages: readonly Message[], texts: readonly string[]): readonly Message[] => {
  if (texts.length === 0) return messages;
  const context = texts.map((text, at) => `[${at + 1}] ${text}`).join('\n');
  const [first, ...rest] = messages;
  if (first?.role === 'system' || first?.role === 'developer') {
    return [{ ...first, content: `${first.content}\n\n${context}` }, ...rest];
  }
  return [{ role: 'system', content: context }, ...messages];
};

/** The beginning of a passage, up to so many characters, in whole words where it has any. */
export const excerptOf = (text: string, length: number): string => {
  if (text.length <= length) return text;
  const cut = text.slice(0, length).toWellFormed();
  const end = cut.search(/\s+\S*$/);
  return end > length / 2 ? cut.slice(0, end) : cut;
};
