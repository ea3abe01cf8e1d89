import type { Row } from './row.ts';

/** Names under which data sets keep what is asked and what is answered, or a text alone. */
const questions = ['question', 'prompt', 'instruction', 'query', 'user', 'input', 'q', 'frage', 'pregunta'];
const answers = ['answer', 'response', 'completion', 'output', 'assistant', 'reply', 'a', 'antwort', 'respuesta'];
const texts = ['text', 'content', 'body', 'passage', 'document'];

/**
 * A record of named values as a row: its question and answer, its text, or all its values by name.
 * @returns undefined when it holds nothing
 */
export function rowOfFields(
  fields: readonly (readonly [name: string, value: string])[],
  line: number,
): Row | undefined {
  const filled = fields.filter(([, value]) => value.trim() !== '');
  if (filled.length === 0) return undefined;
  const named = (names: readonly string[]) =>
    names
      .map((name) => fields.find(([field]) => field.trim().toLowerCase() === name)?.[1])
      .find((value) => value !== undefined);
  const [instruction, input] = [named(['instruction']), named(['input'])];
  const question = instruction !== undefined && input ? `${instruction}\n${input}` : named(questions);
  const answer = named(answers);
  if (question !== undefined && answer !== undefined) {
    const text = `${question}\n${answer}`;
    return { text, content: text, line, question, answer };
  }
  const text = named(texts);
  if (text !== undefined && text.trim() !== '') return { text, content: text, line };
  return {
    text: filled.map(([name, value]) => (name === '' ? value : `${name}: ${value}`)).join('\n'),
    content: filled.map(([, value]) => value).join('\n'),
    line,
  };
}
