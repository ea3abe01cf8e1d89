import { Tokenizer as Library } from '@huggingface/tokenizers';
import { bytesOf } from './byte-alphabet.ts';
import { TokenizerError } from './errors.ts';
import { type CheckedFiles, type ConfigJson, checkFiles, readTokenizerFiles, type TokenizerJson } from './files.ts';
import { createByteStream, createDifferenceStream, type TextStream } from './stream.ts';

/** Ids of the tokens that mean something to a model; only those that the tokenizer names. */
export type SpecialIds = {
  readonly begin?: number;
  readonly end?: number;
  readonly pad?: number;
  readonly unknown?: number;
  readonly classify?: number;
  readonly separate?: number;
  readonly mask?: number;
};

export type Tokenizer = {
  /** One more than the highest id. */
  readonly vocabSize: number;
  readonly special: SpecialIds;
  /** `withSpecial` adds what the model expects around a text, such as the begin token; by default it does. */
  encode: (text: string, options?: { withSpecial?: boolean }) => number[];
  /** `withSpecial` shows special tokens in the text; by default they are left out. Unknown ids are refused. */
  decode: (ids: readonly number[], options?: { withSpecial?: boolean }) => string;
  createStream: (options?: { withSpecial?: boolean }) => TextStream;
  /** What a token adds to a text; bytes, since a character may be spread over several tokens. Empty for special tokens. */
  bytesOf: (id: number) => Uint8Array;
  /** As the vocabulary writes it. */
  tokenOf: (id: number) => string | undefined;
  idOf: (token: string) => number | undefined;
};

/**
 * Reads a Hugging Face tokenizer: `tokenizer.json`, and `tokenizer_config.json` for the names of its special tokens.
 *
 * @example
 * const tokenizer = await loadTokenizer('base');
 * tokenizer.decode(tokenizer.encode('Hello')); // 'Hello'
 * @throws TokenizerError when a file is missing, too large or malformed.
 */
export const loadTokenizer = async (folder: string): Promise<Tokenizer> =>
  createTokenizer(await readTokenizerFiles(folder));

/** The same from the bytes of the two files. @throws TokenizerError when one is malformed. */
export const parseTokenizer = (tokenizer: Uint8Array, config?: Uint8Array): Tokenizer =>
  createTokenizer(checkFiles(tokenizer, config));

const createTokenizer = ({ tokenizer: json, config }: CheckedFiles): Tokenizer => {
  const library = refusing('tokenizer.json cannot be understood', () => new Library(json, {}));
  const special = specialIds(library, config);
  const shown = new Map(json.added_tokens.map(({ id, content }) => [id, content]));
  const specials = new Set(json.added_tokens.filter((token) => token.special).map(({ id }) => id));
  const hidden = new Map([...shown].map(([id, content]) => [id, specials.has(id) ? '' : content]));
  const vocabSize = vocabSizeOf(json);
  const tokenOf = (id: number) => library.id_to_token(id);
  const isByteLevel = hasByteLevel(json.decoder);

  const decode: Tokenizer['decode'] = (ids, { withSpecial = false } = {}) => {
    const kept = withSpecial ? [...ids] : ids.filter((id) => !specials.has(id));
    const unknown = kept.find((id) => tokenOf(id) === undefined);
    if (unknown !== undefined) throw new TokenizerError(`There is no token ${unknown}; ids are below ${vocabSize}`);
    if (kept.length === 0) return '';
    const cleaning = { clean_up_tokenization_spaces: config.clean_up_tokenization_spaces ?? false };
    return refusing('Tokens cannot be decoded', () => library.decode(kept, cleaning));
  };
  return {
    vocabSize,
    special,
    encode: (text, { withSpecial = true } = {}) => {
      const encode = () => library.encode(text.toWellFormed(), { add_special_tokens: withSpecial }).ids;
      const ids = refusing('Text cannot be encoded', encode);
      if (ids.some((id: number | undefined) => id === undefined)) {
        throw new TokenizerError('Text has a piece without a token, and the tokenizer has no token for unknown pieces');
      }
      return ids;
    },
    decode,
    createStream: ({ withSpecial = false } = {}) =>
      isByteLevel
        ? createByteStream({ tokenOf, added: withSpecial ? shown : hidden })
        : createDifferenceStream((ids) => decode(ids, { withSpecial })),
    bytesOf: (id) => {
      const added = hidden.get(id);
      return added === undefined ? tokenBytes(tokenOf(id) ?? '', isByteLevel) : encoder.encode(added);
    },
    tokenOf,
    idOf: (token) => library.token_to_id(token),
  };
};

const encoder = new TextEncoder();

/** Other vocabularies write a byte as `<0xE9>`, a space as `▁` (SentencePiece), and `##` before what continues a word (WordPiece). */
const tokenBytes = (token: string, isByteLevel: boolean): Uint8Array => {
  const bytes = isByteLevel ? bytesOf(token) : undefined;
  if (bytes !== undefined) return bytes;
  const byte = /^<0x([0-9A-F]{2})>$/.exec(token)?.[1];
  if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16));
  return encoder.encode(isByteLevel ? token : token.replaceAll('\u2581', ' ').replace(/^##/, ''));
};

const vocabSizeOf = ({ model: { vocab }, added_tokens }: TokenizerJson): number => {
  let size = Array.isArray(vocab) ? vocab.length : 0;
  if (!Array.isArray(vocab)) for (const id of Object.values(vocab)) size = Math.max(size, id + 1);
  for (const { id } of added_tokens) size = Math.max(size, id + 1);
  return size;
};

const specialIds = (library: Library, config: ConfigJson): SpecialIds => {
  const names = {
    begin: config.bos_token,
    end: config.eos_token,
    pad: config.pad_token,
    unknown: config.unk_token,
    classify: config.cls_token,
    separate: config.sep_token,
    mask: config.mask_token,
  };
  return Object.fromEntries(
    Object.entries(names).flatMap(([role, token]) => {
      const id = token === undefined ? undefined : library.token_to_id(token);
      return id === undefined ? [] : [[role, id]];
    }),
  );
};

const hasByteLevel = (decoder: TokenizerJson['decoder']): boolean =>
  decoder !== null &&
  (decoder.type === 'ByteLevel' ||
    (Array.isArray(decoder.decoders) && decoder.decoders.length === 1 && decoder.decoders[0]?.type === 'ByteLevel'));

const refusing = <Result>(what: string, act: () => Result): Result => {
  try {
    return act();
  } catch (error) {
    throw new TokenizerError(`${what}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
};
