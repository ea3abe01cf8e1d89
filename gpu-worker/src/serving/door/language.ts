import { Template } from '@huggingface/jinja';
import type { Tokenizer } from '../../tokenizer/index.ts';
import type { Sampling } from '../engine.ts';
import type { ModelFolder } from '../onnx/index.ts';
import { invalid } from './apiError.ts';

export type Message = { readonly role: string; readonly content: string };

/** How a base reads texts and conversations. */
export type Language = {
  /** One more than the highest token id that the model knows. */
  readonly vocabSize: number;
  /** What its makers sample with, where they say it. */
  readonly sampling: Partial<Sampling>;
  readonly encode: (text: string) => readonly number[];
  /** With the beginning of the answer that is asked for. @throws ApiError (400) for messages that its template does not take. */
  readonly encodeChat: (messages: readonly Message[]) => readonly number[];
};

export type LanguageFiles = Pick<ModelFolder, 'tokenizer' | 'chatTemplate' | 'sampling' | 'vocabSize'>;

/** @throws the template's error when it cannot be understood. */
export const createLanguage = ({ tokenizer, chatTemplate, sampling, vocabSize }: LanguageFiles): Language => {
  const template = chatTemplate === undefined ? undefined : new Template(chatTemplate);
  const tokens = specialTokens(tokenizer);
  return {
    vocabSize,
    sampling,
    encode: (text) => tokenizer.encode(text),
    encodeChat: (messages) => tokenizer.encode(conversation(template, messages, tokens), { withSpecial: false }),
  };
};

const conversation = (
  template: Template | undefined,
  messages: readonly Message[],
  tokens: Readonly<Record<string, string>>,
): string => {
  if (template === undefined) {
    throw invalid('This base has no chat template. Ask /v1/completions with a prompt instead.', 'messages');
  }
  // Templates know the older name alone.
  const known = messages.map(({ role, content }) => ({ role: role === 'developer' ? 'system' : role, content }));
  try {
    return template.render({ ...tokens, messages: known, add_generation_prompt: true });
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    throw invalid(`The model's chat template does not take these messages: ${why}`, 'messages');
  }
};

/** Special tokens by the names that templates write them with. */
const specialTokens = ({ special, tokenOf }: Tokenizer): Readonly<Record<string, string>> => {
  const names = {
    bos_token: special.begin,
    eos_token: special.end,
    pad_token: special.pad,
    unk_token: special.unknown,
    cls_token: special.classify,
    sep_token: special.separate,
    mask_token: special.mask,
  };
  return Object.fromEntries(
    Object.entries(names).flatMap(([name, id]) => {
      const token = id === undefined ? undefined : tokenOf(id);
      return token === undefined ? [] : [[name, token]];
    }),
  );
};
