import { alphabet, byteToCharacter } from './byte-alphabet.ts';
import { TokenizerError } from './errors.ts';
import { learnMerges } from './merges.ts';
import { cut, cutPattern } from './pattern.ts';

export type TrainOptions = {
  /** Tokens in all: special ones, 256 bytes, merges. Fewer are made when the text has no pair left that stands twice. */
  vocabSize: number;
  /** Get the first ids, in this order. */
  specialTokens: readonly string[];
  /** Put before each text that is encoded with special tokens; one of the special tokens. */
  beginToken?: string;
  /** Named in `tokenizer_config.json`; one of the special tokens. */
  endToken?: string;
  padToken?: string;
  /** Tokens that a model can read at once, for `tokenizer_config.json`. */
  contextLength?: number;
};

/** What goes into `tokenizer.json` and `tokenizer_config.json`. */
export type TokenizerFiles = {
  readonly tokenizer: Readonly<Record<string, unknown>>;
  readonly config: Readonly<Record<string, unknown>>;
};

/**
 * Trains a byte-level BPE tokenizer: every text can be encoded, and decoding gives it back exactly. The same texts, in any
 * order, give the same files.
 *
 * @example
 * const files = trainBpe(texts, { vocabSize: 4096, specialTokens: ['<s>', '</s>'], beginToken: '<s>', endToken: '</s>' });
 * await writeTokenizer(files, 'base');
 * @throws TokenizerError when the vocabulary is too small for the bytes, or a named token is not among the special ones.
 */
export const trainBpe = (texts: Iterable<string>, options: TrainOptions): TokenizerFiles => {
  const { vocabSize, specialTokens } = options;
  const tokens = [...specialTokens, ...alphabet];
  checkOptions(options, tokens.length);

  const ids = new Map(tokens.map((token, id) => [token, id]));
  const words = [...countWords(texts)].map(([word, count]) => ({ symbols: symbolsOf(word, ids), count }));
  const merges = learnMerges({
    words,
    limit: vocabSize - tokens.length,
    join: (left, right) => {
      const token = tokens[left]! + tokens[right]!;
      const known = ids.get(token);
      if (known !== undefined) return known;
      ids.set(token, tokens.length);
      return tokens.push(token) - 1;
    },
  });
  return {
    tokenizer: tokenizerJson(
      options,
      ids,
      merges.map(({ left, right }) => [tokens[left]!, tokens[right]!]),
    ),
    config: configJson(options),
  };
};

const checkOptions = ({ vocabSize, specialTokens, ...named }: TrainOptions, least: number): void => {
  if (!Number.isSafeInteger(vocabSize) || vocabSize < least || vocabSize > 1_000_000) {
    throw new TokenizerError(
      `vocabSize is ${vocabSize}; with ${specialTokens.length} special tokens and 256 bytes it is ${least} to 1000000`,
    );
  }
  if (new Set(specialTokens).size < specialTokens.length || specialTokens.some((token) => token.length < 2)) {
    throw new TokenizerError('Special tokens are different from each other and longer than one character');
  }
  for (const role of ['beginToken', 'endToken', 'padToken'] as const) {
    const token = named[role];
    if (token !== undefined && !specialTokens.includes(token)) {
      throw new TokenizerError(`${role} is ${token}, which is not among the special tokens ${specialTokens.join(' ')}`);
    }
  }
};

const countWords = (texts: Iterable<string>): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const word of cut(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
};

const encoder = new TextEncoder();

const symbolsOf = (word: string, ids: ReadonlyMap<string, number>): Int32Array =>
  Int32Array.from(encoder.encode(word), (byte) => ids.get(byteToCharacter[byte]!)!);

const tokenizerJson = (
  { specialTokens, beginToken }: TrainOptions,
  ids: ReadonlyMap<string, number>,
  merges: readonly (readonly [string, string])[],
): TokenizerFiles['tokenizer'] => ({
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: specialTokens.map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  })),
  normalizer: null,
  pre_tokenizer: {
    type: 'Sequence',
    pretokenizers: [
      { type: 'Split', pattern: { Regex: cutPattern }, behavior: 'Isolated', invert: false },
      { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
    ],
  },
  post_processor:
    beginToken === undefined
      ? { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false }
      : beginning(beginToken, ids.get(beginToken)!),
  decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    vocab: Object.fromEntries(ids),
    merges,
  },
});

const beginning = (token: string, id: number) => {
  const special = { SpecialToken: { id: token, type_id: 0 } };
  const sequence = (name: 'A' | 'B') => ({ Sequence: { id: name, type_id: name === 'A' ? 0 : 1 } });
  return {
    type: 'TemplateProcessing',
    single: [special, sequence('A')],
    pair: [special, sequence('A'), sequence('B')],
    special_tokens: { [token]: { id: token, ids: [id], tokens: [token] } },
  };
};

const configJson = (options: TrainOptions): TokenizerFiles['config'] => ({
  tokenizer_class: 'PreTrainedTokenizerFast',
  ...(options.beginToken === undefined ? {} : { bos_token: options.beginToken }),
  ...(options.endToken === undefined ? {} : { eos_token: options.endToken }),
  ...(options.padToken === undefined ? {} : { pad_token: options.padToken }),
  ...(options.contextLength === undefined ? {} : { model_max_length: options.contextLength }),
  clean_up_tokenization_spaces: false,
});
