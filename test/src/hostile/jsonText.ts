import type { Mutator } from './mutators.ts';
import type { Random } from './random.ts';

// Changes to JSON that is still JSON, or nearly: what a reader meets after the first brace.

type Token = { readonly text: string; readonly start: number };
/** JSON made worse. It may give back what it was given where it finds nothing to do. */
export type JsonMutator = (text: string, random: Random) => string;

const tokensOf = (text: string): Token[] =>
  Array.from(
    text.matchAll(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[{}[\],:]|true|false|null/g),
    ({ 0: token, index }) => ({ text: token, start: index }),
  );

const put = (text: string, { start, text: { length } }: Token, into: string): string =>
  text.slice(0, start) + into + text.slice(start + length);

const pickToken = (text: string, random: Random, isWanted: (token: string) => boolean): Token | undefined => {
  const tokens = tokensOf(text).filter((token) => isWanted(token.text));
  return tokens.length === 0 ? undefined : random.pick(tokens);
};

const isNumber = (token: string) => /^-?\d/.test(token);
const isText = (token: string) => token.startsWith('"');

const numbers = [
  '0',
  '-1',
  '-0',
  '1',
  '3',
  '0.5',
  '1e308',
  '1e999',
  '-1e-999',
  '2147483648',
  '4294967296',
  '9007199254740991',
];
const giants = ['9007199254740993', '18446744073709551616', '9'.repeat(400), `0.${'1'.repeat(400)}`];

const otherNumber: JsonMutator = (text, random) => {
  const token = pickToken(text, random, isNumber);
  if (token === undefined) return text;
  const near = String(Number(token.text) + random.pick([-8, -4, -1, 1, 4, 8]));
  return put(text, token, random.pick([near, near, random.pick(numbers), random.pick(giants)]));
};

/** Patterns that would stop a backtracking engine, that are none, or that match everything. */
const texts = [
  '(.+)+x',
  '(.*)*(.*)*(.*)*y',
  '.*',
  '(((((((',
  '[',
  'a{1000}{1000}',
  '(?<=(?<=(?<=.*)*)*)*',
  '(?!(?!.))',
  'all-linear',
  '__proto__',
  'constructor',
  '../../x',
  '',
  '\u0000',
  '\ud800',
  'F64',
  'I64',
  'pissa',
  'x'.repeat(5_000),
  '('.repeat(70) + ')'.repeat(70),
];

const otherText: JsonMutator = (text, random) => {
  const token = pickToken(text, random, isText);
  const other = pickToken(text, random, isText);
  if (token === undefined || other === undefined) return text;
  return put(text, token, random.pick([other.text, JSON.stringify(random.pick(texts))]));
};

const otherValue: JsonMutator = (text, random) => {
  const token = pickToken(text, random, (found) => !/^[{}[\],:]/.test(found));
  const value = random.pick(['null', 'true', 'false', '[]', '{}', '[[]]', '{"r":1}', '""', '8', '[0,1]', '["q_proj"]']);
  return token === undefined ? text : put(text, token, value);
};

const twice: JsonMutator = (text, random) => {
  const commas = tokensOf(text).filter((token) => token.text === ',');
  if (commas.length < 2) return text;
  const at = random.below(commas.length - 1);
  const [from, to] = [commas[at]!.start, commas[at + 1]!.start];
  return text.slice(0, to) + text.slice(from, to) + text.slice(to);
};

const deep: JsonMutator = (text, random) => {
  const token = pickToken(text, random, (found) => !/^[}\],:]/.test(found));
  const depth = random.pick([20, 40, 10_000]);
  const [open, close] = random.pick([
    ['[', ']'],
    ['{"a":', '}'],
  ] as const);
  return token === undefined ? text : put(text, token, open.repeat(depth) + token.text + close.repeat(depth));
};

const oddToken: JsonMutator = (text, random) => {
  const token = pickToken(text, random, () => true);
  const odd = random.pick(['', ',', ':', '"', '}', 'NaN', 'Infinity', '/**/', '\\', '\n', "'", '01', '+1', '1.', '.5']);
  return token === undefined ? text : put(text, token, odd);
};

const jsonMutators: readonly JsonMutator[] = [otherNumber, otherNumber, otherText, otherValue, twice, deep, oddToken];

/** For a file that is JSON as a whole. */
export const jsonFileMutators: readonly Mutator[] = jsonMutators.map(
  (mutate): Mutator =>
    (bytes, random) =>
      new Uint8Array(Buffer.from(mutate(Buffer.from(bytes).toString(), random))),
);

/** For a file that begins with eight bytes of length and so much JSON. */
export const jsonHeaderMutators: readonly Mutator[] = jsonMutators.map(
  (mutate): Mutator =>
    (bytes, random) => {
      if (bytes.length < 8) return bytes;
      const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
      if (length > bytes.length - 8) return bytes;
      const header = Buffer.from(mutate(Buffer.from(bytes.subarray(8, 8 + length)).toString(), random));
      const size = Buffer.alloc(8);
      size.writeBigUInt64LE(BigInt(header.length));
      return new Uint8Array(Buffer.concat([size, header, bytes.subarray(8 + length)]));
    },
);
