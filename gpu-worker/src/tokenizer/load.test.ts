import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadTokenizer, type Tokenizer, TokenizerError, trainBpe, writeTokenizer } from './index.ts';
import reference from './references/trained.json' with { type: 'json' };

let folder: string;
let tokenizer: Tokenizer;
const files = trainBpe(reference.texts, {
  vocabSize: 420,
  specialTokens: ['<s>', '</s>'],
  beginToken: '<s>',
  endToken: '</s>',
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenizer-'));
  await writeTokenizer(files, folder);
  tokenizer = await loadTokenizer(folder);
});
afterAll(() => rm(folder, { recursive: true }));

const anyText = fc.string({ unit: 'grapheme', maxLength: 200 });

test('every text comes back as it was, whatever it is made of', () => {
  fc.assert(
    fc.property(anyText, (text) => tokenizer.decode(tokenizer.encode(text), { withSpecial: true }) === `<s>${text}`),
  );
});

test('a streamed answer is the decoded answer, and shows no half characters', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const stream = tokenizer.createStream();
      const pieces = tokenizer.encode(text).map(stream.push);
      expect(pieces.join('') + stream.end()).toBe(text);
      expect(pieces.join('')).not.toContain('\ufffd');
    }),
  );
});

test('an answer cut off within a character ends with a replacement character', () => {
  const stream = tokenizer.createStream();
  const [first] = tokenizer.encode('🦜', { withSpecial: false });
  expect(stream.push(first!)).toBe('');
  expect(stream.end()).toBe('\ufffd');
});

test('special tokens in an answer are hidden unless asked for', () => {
  const ids = tokenizer.encode('a</s>b');
  expect(tokenizer.decode(ids)).toBe('ab');
  expect(tokenizer.decode(ids, { withSpecial: true })).toBe('<s>a</s>b');
  expect(tokenizer.decode([])).toBe('');
  expect(() => tokenizer.decode([420])).toThrow('There is no token 420; ids are below 334');
});

const wordPiece = {
  ...files.tokenizer,
  added_tokens: [{ id: 0, content: '[UNK]', special: true }],
  normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase: true },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: null,
  decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: { '[UNK]': 0, learn: 1, '##ing': 2, is: 3, '.': 4 },
  },
};

const asFiles = async (tokenizerJson: string, config: string | undefined, check: (folder: string) => Promise<void>) => {
  const other = await mkdtemp(join(tmpdir(), 'tokenizer-'));
  try {
    await writeFile(join(other, 'tokenizer.json'), tokenizerJson);
    if (config !== undefined) await writeFile(join(other, 'tokenizer_config.json'), config);
    await check(other);
  } finally {
    await rm(other, { recursive: true });
  }
};

test("BERT's pieces are streamed with the spaces that belong between them", () =>
  asFiles(JSON.stringify(wordPiece), '{"unk_token": {"content": "[UNK]"}}', async (other) => {
    const bert = await loadTokenizer(other);
    expect(bert.special).toEqual({ unknown: 0 });
    const ids = bert.encode('Learning is learning');
    expect(ids).toEqual([1, 2, 3, 1, 2]);
    const stream = bert.createStream();
    expect([...ids.map(stream.push), stream.end()]).toEqual(['learn', 'ing', ' is', ' learn', 'ing', '']);
  }));

const nested = (depth: number): unknown =>
  depth === 0 ? { type: 'Whitespace' } : { type: 'Sequence', pretokenizers: [nested(depth - 1)] };
const split = (pattern: unknown) => ({
  ...files.tokenizer,
  pre_tokenizer: { type: 'Split', pattern, behavior: 'Isolated' },
});

test.each<[string, unknown, RegExp]>([
  ['no object', [], /tokenizer.json: the whole/],
  ['no model', {}, /tokenizer.json: model/],
  ['an id beyond every limit, which would need gigabytes', { model: { vocab: { a: 4e9 } } }, /model.vocab/],
  ['a negative id', { model: { vocab: { a: -1 } } }, /model.vocab/],
  ['a pattern that never ends', split({ Regex: '(a+)+$' }), /repeats a repetition/],
  ['a pattern that looks back', split({ Regex: '(a)\\1' }), /looks back/],
  ['a pattern that is none', split({ Regex: '(' }), /cannot be understood/],
  ['a pattern of another kind', split({ Glob: '*' }), /neither/],
  ['steps in steps in steps', { ...files.tokenizer, pre_tokenizer: nested(500) }, /nested deeper than 64/],
  ['an unknown step', { ...files.tokenizer, decoder: { type: 'Oracle' } }, /Unknown Decoder type: Oracle/],
])('a malformed tokenizer is refused by what is wrong with it: %s', (_, json, message) =>
  asFiles(JSON.stringify(json), undefined, async (other) => {
    await expect(loadTokenizer(other)).rejects.toThrow(TokenizerError);
    await expect(loadTokenizer(other)).rejects.toThrow(message);
  }));

test('a small file that would become gigabytes, or exhaust the stack, is refused before it is parsed', async () => {
  await asFiles(`[${'[],'.repeat(2_500_000)}0]`, undefined, (other) =>
    expect(loadTokenizer(other)).rejects.toThrow(/5000002 values; 4000000 are allowed/),
  );
  await asFiles('['.repeat(1_000_000), undefined, (other) =>
    expect(loadTokenizer(other)).rejects.toThrow(/nested deeper than 64/),
  );
});

test('a folder without a tokenizer, and files that are no JSON, are named', async () => {
  await expect(loadTokenizer(join(folder, 'nowhere'))).rejects.toThrow(/There is no file .*nowhere.tokenizer.json/);
  await asFiles('{', undefined, (other) => expect(loadTokenizer(other)).rejects.toThrow(/tokenizer.json is no JSON/));
  await asFiles(JSON.stringify(files.tokenizer), 'x'.repeat(2 ** 20 + 1), (other) =>
    expect(loadTokenizer(other)).rejects.toThrow(/tokenizer_config.json has 1048577 bytes; 1048576 are allowed/),
  );
});
