import { LoraError } from './errors.ts';
import { type PatternPart, parsePattern } from './patternParts.ts';

/**
 * Python's `re.fullmatch(source, text) is not None`, for the constructs that module patterns are written with.
 *
 * Not by way of JavaScript's RegExp: whoever publishes an adapter writes its pattern, and backtracking would let
 * `(.+)+x` stop a worker for years. Sets of positions cannot explode, and lookaround needs nothing more.
 *
 * @example compilePattern(String.raw`.*\.(q|v)_proj`)('model.layers.0.self_attn.q_proj') // true
 * @throws LoraError for what is no pattern or not read here, and when matching takes too many steps.
 */
export const compilePattern = (source: string): ((text: string) => boolean) => matcher(parsePattern(source), source);

/** As `compilePattern`, of a pattern that stands at the end of the text, or after a dot: how peft reads its pattern keys. */
export const compileSuffixPattern = (source: string): ((text: string) => boolean) => {
  const start: PatternPart = { kind: 'repeat', part: parsePattern('.*\\.'), least: 0, most: 1 };
  return matcher({ kind: 'sequence', parts: [start, parsePattern(source)] }, source);
};

const maxSteps = 200_000;

const matcher = (part: PatternPart, source: string) => (text: string) => {
  // Python counts code points.
  const characters = Array.from(text);
  const steps = { left: maxSteps, source };
  return advance(part, new Set([0]), characters, steps).has(characters.length);
};

type Steps = { left: number; readonly source: string };
type Positions = ReadonlySet<number>;

/** Where a match of `part` may end that begins at one of `starts`. */
const advance = (part: PatternPart, starts: Positions, text: readonly string[], steps: Steps): Positions => {
  steps.left -= 1 + starts.size;
  if (steps.left < 0) {
    throw new LoraError(
      `Pattern ${JSON.stringify(steps.source.slice(0, 200))} takes more than ${maxSteps} steps to match`,
    );
  }
  switch (part.kind) {
    case 'character':
      return new Set([...starts].filter((at) => at < text.length && part.accepts(text[at]!)).map((at) => at + 1));
    case 'sequence':
      return part.parts.reduce((from, next) => (from.size === 0 ? from : advance(next, from, text, steps)), starts);
    case 'choice':
      return new Set(part.parts.flatMap((option) => [...advance(option, starts, text, steps)]));
    case 'repeat':
      return repeat(part, starts, text, steps);
    case 'position':
      return new Set([...starts].filter((at) => part.accepts(at, text)));
    case 'look':
      return new Set([...starts].filter((at) => looks(part, at, text, steps) !== part.isNegated));
  }
};

type Repeat = Extract<PatternPart, { kind: 'repeat' }>;

const repeat = ({ part, least, most }: Repeat, starts: Positions, text: readonly string[], steps: Steps): Positions => {
  let from = starts;
  for (let count = 0; count < least && from.size > 0; count++) from = advance(part, from, text, steps);
  const ends = new Set(from);
  for (let count = least; count < most && from.size > 0; count++) {
    // What was reached before leads nowhere new, however often it is repeated.
    from = new Set([...advance(part, from, text, steps)].filter((at) => !ends.has(at)));
    for (const at of from) ends.add(at);
  }
  return ends;
};

type Look = Extract<PatternPart, { kind: 'look' }>;

const looks = ({ part, isBehind }: Look, at: number, text: readonly string[], steps: Steps): boolean => {
  if (!isBehind) return advance(part, new Set([at]), text, steps).size > 0;
  for (let start = 0; start <= at; start++) {
    if (advance(part, new Set([start]), text, steps).has(at)) return true;
  }
  return false;
};
