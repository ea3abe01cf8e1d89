import type { Form, GivenFile } from '../core/command.ts';
import type { Texts } from '../core/texts/index.ts';
import type { Part } from './render.ts';
import { render } from './render.ts';

type FormField = Form['fields'][number];

/** One field of a form as a question. */
export const questionOf = ({ label, hint, kind, choices, isRequired }: FormField, { telegram: words }: Texts): Part => {
  const notes = [
    ...(hint === undefined ? [] : [hint]),
    ...(choices === undefined ? [] : [choices.join(', ')]),
    ...(kind === 'file' ? [words.sendFile] : []),
    ...(isRequired ? [] : [words.skip]),
    words.cancelHint,
  ];
  return render({
    blocks: [
      { kind: 'text', spans: [{ bold: label }] },
      { kind: 'text', spans: [notes.join(' · ')] },
    ],
    isPrivate: false,
  })[0]!;
};

/** What is wrong with an answer; undefined when nothing is. */
export const refusalOf = (
  { kind, choices, most, isRequired }: FormField,
  given: string | GivenFile | undefined,
  { telegram: words }: Texts,
): string | undefined => {
  if (kind === 'file') return given === undefined || typeof given === 'string' ? words.sendFile : undefined;
  if (typeof given !== 'string' || given.trim() === '') return words.sendText;
  if (!isRequired && given === '-') return undefined;
  if (most !== undefined && given.length > most) return words.tooLong(most);
  if (choices !== undefined && !choices.includes(given)) return words.oneOf(choices.join(', '));
  const isNumber = kind === 'number' || kind === 'datanet' || kind === 'model' || kind === 'contribution';
  return isNumber && !/^\d{1,20}$/.test(given.trim()) ? words.number : undefined;
};
