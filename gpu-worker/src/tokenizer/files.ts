import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { TokenizerError } from './errors.ts';
import { parseJson } from './json.ts';
import { checkPattern } from './pattern-safety.ts';

/** Bytes. Gemma's vocabulary of 256,000 tokens takes 34 MB. */
export const tokenizerLimit = 64 * 2 ** 20;
export const configLimit = 2 ** 20;
/** Ids and merges. */
const vocabularyLimit = 2 ** 20;
const addedLimit = 2 ** 14;

const id = z
  .int()
  .min(0)
  .max(vocabularyLimit - 1);
const step = z
  .looseObject({ type: z.string() })
  .nullish()
  .transform((value) => value ?? null);

/** What is relied on here; the library reads the rest. Source: the serialisation of Hugging Face's tokenizers. */
const tokenizerJson = z.looseObject({
  added_tokens: z
    .array(z.looseObject({ id, content: z.string().min(1).max(1_000), special: z.boolean().optional() }))
    .max(addedLimit)
    .default([]),
  normalizer: step,
  pre_tokenizer: step,
  post_processor: step,
  decoder: step,
  model: z.looseObject({
    type: z.string().optional(),
    vocab: z.union([
      z.record(z.string(), id).refine((vocab) => Object.keys(vocab).length <= vocabularyLimit, 'too many tokens'),
      z.array(z.tuple([z.string(), z.number()])).max(vocabularyLimit),
    ]),
    merges: z
      .array(z.union([z.string().regex(/^\S+ \S+$/), z.tuple([z.string(), z.string()])]))
      .max(vocabularyLimit)
      .optional(),
  }),
});

const token = z
  .union([z.string(), z.looseObject({ content: z.string() }).transform(({ content }) => content)])
  .nullish()
  .transform((value) => value ?? undefined);

const configJson = z.looseObject({
  bos_token: token,
  eos_token: token,
  pad_token: token,
  unk_token: token,
  cls_token: token,
  sep_token: token,
  mask_token: token,
  clean_up_tokenization_spaces: z.boolean().nullish(),
});

export type TokenizerJson = z.infer<typeof tokenizerJson>;
export type ConfigJson = z.infer<typeof configJson>;

export type CheckedFiles = { readonly tokenizer: TokenizerJson; readonly config: ConfigJson };

/**
 * The two files of a folder, checked; `tokenizer_config.json` may be missing.
 *
 * @throws TokenizerError when a file is missing, too large, no JSON, or not as it should be.
 */
export const readTokenizerFiles = async (folder: string): Promise<CheckedFiles> => {
  const tokenizer = await read(join(folder, 'tokenizer.json'), tokenizerLimit);
  if (tokenizer === undefined) {
    throw new TokenizerError(`There is no file ${join(folder, 'tokenizer.json')}; a tokenizer is a folder with one`);
  }
  return checkFiles(tokenizer, await read(join(folder, 'tokenizer_config.json'), configLimit));
};

/** @throws TokenizerError when one is no JSON, or not as it should be. */
export const checkFiles = (tokenizerBytes: Uint8Array, configBytes: Uint8Array | undefined): CheckedFiles => {
  const tokenizer = parse(tokenizerJson, parseJson(tokenizerBytes, 'tokenizer.json'), 'tokenizer.json');
  for (const name of ['normalizer', 'pre_tokenizer', 'decoder'] as const) checkPatterns(tokenizer[name], name);
  const config = configBytes === undefined ? {} : parseJson(configBytes, 'tokenizer_config.json');
  return { tokenizer, config: parse(configJson, config, 'tokenizer_config.json') };
};

const read = async (path: string, limit: number): Promise<Uint8Array | undefined> => {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile()) return undefined;
  if (found.size > limit) throw new TokenizerError(`${path} has ${found.size} bytes; ${limit} are allowed`);
  return readFile(path);
};

const parse = <Type>(schema: z.ZodType<Type>, json: unknown, file: string): Type => {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw new TokenizerError(`${file}: ${first?.path.join('.') || 'the whole'}: ${first?.message}`);
};

/** Every pattern is one that can be read and that ends; steps may hold steps. Depth was bounded before. */
const checkPatterns = (value: unknown, path: string): void => {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'pattern' && typeof inner === 'object' && inner !== null) {
      const { Regex: regex, String: literal } = inner as Record<string, unknown>;
      if (typeof regex === 'string') checkPattern(regex);
      else if (typeof literal !== 'string') {
        throw new TokenizerError(`tokenizer.json: ${path}.pattern is neither {"Regex": …} nor {"String": …}`);
      }
    } else checkPatterns(inner, `${path}.${key}`);
  }
};
