import { LoraError } from './errors.ts';

/** A pattern, taken apart. Groups leave no trace: only whether a text matches is asked, never what a group held. */
export type PatternPart =
  | { readonly kind: 'character'; readonly accepts: (character: string) => boolean }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly PatternPart[] }
  | { readonly kind: 'repeat'; readonly part: PatternPart; readonly least: number; readonly most: number }
  | { readonly kind: 'position'; readonly accepts: (at: number, text: readonly string[]) => boolean }
  | { readonly kind: 'look'; readonly part: PatternPart; readonly isBehind: boolean; readonly isNegated: boolean };

type Accepts = (character: string) => boolean;

const maxLength = 8_192;
const maxDepth = 64;
const maxCount = 1_000;

const isWord: Accepts = (character) => /[\p{L}\p{N}_]/u.test(character);
const isDigit: Accepts = (character) => /\p{Nd}/u.test(character);
const isSpace: Accepts = (character) =>
  '\u001c\u001d\u001e\u001f\u0085'.includes(character) || (/\s/u.test(character) && character !== '\ufeff');
const not =
  (accepts: Accepts): Accepts =>
  (character) =>
    !accepts(character);
const is =
  (wanted: string): Accepts =>
  (character) =>
    character === wanted;

const classes = new Map<string, Accepts>([
  ['w', isWord],
  ['d', isDigit],
  ['s', isSpace],
  ['W', not(isWord)],
  ['D', not(isDigit)],
  ['S', not(isSpace)],
]);
const controls = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['f', '\f'],
  ['v', '\v'],
]);

const isEnd = (at: number, text: readonly string[]) => at === text.length;
const isWordEdge = (at: number, text: readonly string[]) =>
  (at > 0 && isWord(text[at - 1]!)) !== (at < text.length && isWord(text[at]!));
const positions = new Map<string, (at: number, text: readonly string[]) => boolean>([
  ['A', (at) => at === 0],
  ['Z', isEnd],
  ['b', isWordEdge],
  ['B', (at, text) => !isWordEdge(at, text)],
]);

/** Reads a pattern of Python's `re`. @throws LoraError for a fault, and for constructs that are not read. */
export const parsePattern = (source: string): PatternPart => {
  const text = Array.from(source);
  let at = 0;
  const fail = (what: string): never => {
    throw new LoraError(`Pattern ${JSON.stringify(source.slice(0, 200))}: ${what} at character ${at}`);
  };
  if (text.length > maxLength) fail(`${text.length} characters are more than the ${maxLength} that are read,`);
  const ahead = (token: string) => text.slice(at, at + token.length).join('') === token;
  const take = (token: string) => {
    if (!ahead(token)) return false;
    at += token.length;
    return true;
  };

  const choice = (depth: number): PatternPart => {
    if (depth > maxDepth) fail(`groups nested deeper than ${maxDepth}`);
    const parts = [sequence(depth)];
    while (take('|')) parts.push(sequence(depth));
    return parts.length === 1 ? parts[0]! : { kind: 'choice', parts };
  };
  const sequence = (depth: number): PatternPart => {
    const parts: PatternPart[] = [];
    while (at < text.length && text[at] !== '|' && text[at] !== ')') parts.push(quantified(atom(depth)));
    return { kind: 'sequence', parts };
  };
  const quantified = (part: PatternPart): PatternPart => {
    const range = quantifier();
    if (range === undefined) return part;
    if (part.kind === 'position') fail('a quantifier of a position');
    // A lazy quantifier finds another match first, but never another answer to whether there is one.
    if (!take('?') && ahead('+')) fail('a possessive quantifier, which is not read,');
    if (quantifier() !== undefined) fail('a second quantifier');
    return { kind: 'repeat', part, ...range };
  };
  const quantifier = (): { least: number; most: number } | undefined => {
    if (take('*')) return { least: 0, most: Number.POSITIVE_INFINITY };
    if (take('+')) return { least: 1, most: Number.POSITIVE_INFINITY };
    if (take('?')) return { least: 0, most: 1 };
    const found = ahead('{') ? /^\{(\d*)(,?)(\d*)\}/.exec(text.slice(at, at + 32).join('')) : null;
    // As in Python, braces that hold no count stand for themselves.
    if (found === null || found[0] === '{}') return undefined;
    const [all, first, comma, last] = found as unknown as [string, string, string, string];
    const least = Number(first);
    const most = comma === '' ? least : last === '' ? Number.POSITIVE_INFINITY : Number(last);
    if (least > maxCount || (most > maxCount && most !== Number.POSITIVE_INFINITY)) fail(`a count above ${maxCount}`);
    if (least > most) fail('a count from more to less');
    at += all.length;
    return { least, most };
  };
  const atom = (depth: number): PatternPart => {
    const character = text[at]!;
    if (character === '(') return group(depth);
    if (character === '[') return { kind: 'character', accepts: set() };
    if (character === '\\') return escapedAtom();
    if (character === '*' || character === '+' || character === '?') fail('a quantifier of nothing');
    at++;
    if (character === '.') return { kind: 'character', accepts: (other) => other !== '\n' };
    if (character === '^') return { kind: 'position', accepts: positions.get('A')! };
    if (character === '$') return { kind: 'position', accepts: isEndOrLastNewline };
    return { kind: 'character', accepts: is(character) };
  };
  const group = (depth: number): PatternPart => {
    const look = [
      { token: '(?=', isBehind: false, isNegated: false },
      { token: '(?!', isBehind: false, isNegated: true },
      { token: '(?<=', isBehind: true, isNegated: false },
      { token: '(?<!', isBehind: true, isNegated: true },
    ].find(({ token }) => take(token));
    if (look === undefined && !take('(?:') && !named()) {
      if (ahead('(?')) fail(`the group ${text.slice(at, at + 4).join('')}, which is not read,`);
      take('(');
    }
    const part = choice(depth + 1);
    if (!take(')')) fail('a group without an end');
    return look === undefined ? part : { kind: 'look', part, isBehind: look.isBehind, isNegated: look.isNegated };
  };
  const named = (): boolean => {
    const token = /^\(\?P<[A-Za-z_]\w{0,63}>/.exec(text.slice(at, at + 72).join(''))?.[0];
    return token !== undefined && take(token);
  };
  const escapedAtom = (): PatternPart => {
    const position = positions.get(text[at + 1] ?? '');
    if (position === undefined) return { kind: 'character', accepts: escaped().accepts };
    at += 2;
    return { kind: 'position', accepts: position };
  };
  /** `literal` where it is one character, so that it may begin or end a range. */
  const escaped = (): { accepts: Accepts; literal?: string } => {
    const character = text[at + 1] ?? fail('a backslash at the end,');
    const accepts = classes.get(character);
    if (accepts === undefined && /[A-Za-z0-9]/.test(character) && !controls.has(character)) {
      fail(`\\${character}, which is not read,`);
    }
    at += 2;
    if (accepts !== undefined) return { accepts };
    const literal = controls.get(character) ?? character;
    return { accepts: is(literal), literal };
  };
  const set = (): Accepts => {
    at++;
    const isNegated = take('^');
    const options: Accepts[] = [];
    const member = (): { accepts: Accepts; literal?: string } => {
      const character = text[at] ?? fail('a set without an end');
      if (character === '\\') return escaped();
      at++;
      return { accepts: is(character), literal: character };
    };
    for (let isFirst = true; isFirst || text[at] !== ']'; isFirst = false) {
      const low = member();
      if (text[at] !== '-' || text[at + 1] === ']') {
        options.push(low.accepts);
        continue;
      }
      at++;
      const high = member();
      const from = (low.literal ?? fail('a range from a class')).codePointAt(0)!;
      const to = (high.literal ?? fail('a range to a class')).codePointAt(0)!;
      if (from > to) fail('a range from more to less');
      options.push((character) => from <= character.codePointAt(0)! && character.codePointAt(0)! <= to);
    }
    at++;
    return (character) => options.some((accepts) => accepts(character)) !== isNegated;
  };

  const whole = choice(0);
  if (at < text.length) fail('a closing bracket too many');
  return whole;
};

/** `$` without flags. */
const isEndOrLastNewline = (at: number, text: readonly string[]) =>
  isEnd(at, text) || (at === text.length - 1 && text[at] === '\n');
