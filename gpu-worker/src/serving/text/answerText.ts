import type { Tokenizer } from '../../tokenizer/index.ts';
import { createStopTexts, type StoppedText } from './stopTexts.ts';

/** The text of one answer, as its tokens come. */
export type AnswerText = {
  /** What is certain with this token: never taken back, never half a character, never part of a stop text. */
  readonly push: (id: number) => StoppedText;
  /** What was still held back, when no more tokens come; half characters become U+FFFD. */
  readonly end: () => StoppedText;
};

/** @param stop texts before the first of which the answer ends; none is empty. */
export const createAnswerText = (tokenizer: Tokenizer, stop: readonly string[]): AnswerText => {
  const characters = tokenizer.createStream();
  const stops = createStopTexts(stop);
  return {
    push: (id) => stops.push(characters.push(id)),
    end: () => {
      const last = stops.push(characters.end());
      return last.isStopped ? last : { text: last.text + stops.end(), isStopped: false };
    },
  };
};
