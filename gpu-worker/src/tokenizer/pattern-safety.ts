import { TokenizerError } from './errors.ts';

const longest = 2_000;

/**
 * Refuses regular expressions that can take exponential time: one whose repetition holds another repetition, or that looks
 * back at what it matched. The patterns of published tokenizers have neither.
 *
 * @throws TokenizerError
 */
export const checkPattern = (source: string): void => {
  if (source.length > longest)
    throw new TokenizerError(`A pattern has ${source.length} characters; ${longest} are allowed`);
  // For each open group, whether something in it repeats without end.
  const groups = [false];
  let lastRepeats = false;
  for (let at = 0; at < source.length; at++) {
    const character = source[at]!;
    if (character === '\\') {
      if (/[1-9k]/.test(source[at + 1] ?? ''))
        throw new TokenizerError(`A pattern looks back at what it matched: ${source}`);
      at++;
      lastRepeats = false;
    } else if (character === '[') {
      at = endOfClass(source, at);
      lastRepeats = false;
    } else if (character === '(') {
      groups.push(false);
      lastRepeats = false;
    } else if (character === ')') {
      lastRepeats = groups.length > 1 && groups.pop()!;
      if (lastRepeats) groups[groups.length - 1] = true;
    } else if (isEndless(source, at)) {
      if (lastRepeats) throw new TokenizerError(`A pattern repeats a repetition, which can take forever: ${source}`);
      groups[groups.length - 1] = true;
      // A second sign, as in `+?` or `++`, belongs to the first.
      if (/[?+]/.test(source[at + 1] ?? '')) at++;
    } else if (!/[?{}\d,]/.test(character)) lastRepeats = false;
  }
};

const isEndless = (source: string, at: number): boolean => {
  if (source[at] === '*' || source[at] === '+') return true;
  const counts = /^\{\d*(,)?(\d*)\}/.exec(source.slice(at, at + 24));
  return counts !== null && (counts[1] !== undefined && counts[2] === '' ? true : Number(counts[2] || 0) > 100);
};

/** Where a character class ends; classes may hold classes. */
const endOfClass = (source: string, start: number): number => {
  let depth = 0;
  for (let at = start; at < source.length; at++) {
    if (source[at] === '\\') at++;
    else if (source[at] === '[') depth++;
    else if (source[at] === ']' && --depth === 0) return at;
  }
  return source.length;
};
