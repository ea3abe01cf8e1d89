import { LoraError } from './errors.ts';

/**
 * JSON as the files of an adapter hold it. Numbers keep their text (`0.0` and `0` are one number but two files), objects
 * are maps (so `__proto__` is a key like others), and a key given twice is refused: two readers could disagree on it.
 */
export type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonObject;
export type JsonNumber = { readonly text: string };
export type JsonObject = ReadonlyMap<string, Json>;

export const isObject = (value: Json | undefined): value is JsonObject => value instanceof Map;
export const isNumber = (value: Json | undefined): value is JsonNumber =>
  typeof value === 'object' && value !== null && 'text' in value;
export const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

const maxDepth = 32;
/** A header of 20,000 tensors has fewer. Ten megabytes of `0,0,0,…` would become hundreds of megabytes of objects. */
const maxValues = 300_000;
const numberPattern = /-?(?:0|[1-9]\d{0,308})(?:\.\d{1,330})?(?:[eE][+-]?\d{1,4})?/y;

/** @throws LoraError when `text` is not JSON (RFC 8259), is nested deeper than 32 or has more than 300,000 values. */
export const parseJson = (text: string, what: string): Json => {
  let at = 0;
  let values = 0;
  const fail = (wanted: string): never => {
    throw new LoraError(`${what} is not JSON: ${wanted} expected at character ${at}`);
  };
  const space = () => {
    while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  };
  const expect = (token: string) => {
    if (!text.startsWith(token, at)) fail(token);
    at += token.length;
  };
  const string = (): string => {
    const start = at;
    expect('"');
    while (text[at] !== '"') {
      if (at >= text.length || text.charCodeAt(at) < 0x20) fail('the end of a string');
      at += text[at] === '\\' ? 2 : 1;
    }
    at++;
    try {
      return JSON.parse(text.slice(start, at)) as string;
    } catch {
      at = start;
      return fail('a string');
    }
  };
  const number = (): JsonNumber => {
    numberPattern.lastIndex = at;
    const found = numberPattern.exec(text)?.[0] ?? fail('a value');
    at += found.length;
    return { text: found };
  };
  const list = (depth: number): Json[] => {
    const items: Json[] = [];
    expect('[');
    for (space(); text[at] !== ']'; space()) {
      if (items.length > 0) expect(',');
      items.push(value(depth));
    }
    at++;
    return items;
  };
  const object = (depth: number): JsonObject => {
    const entries = new Map<string, Json>();
    expect('{');
    for (space(); text[at] !== '}'; space()) {
      if (entries.size > 0) expect(',');
      space();
      const key = string();
      if (entries.has(key)) throw new LoraError(`${what} gives ${JSON.stringify(key)} twice`);
      space();
      expect(':');
      entries.set(key, value(depth));
    }
    at++;
    return entries;
  };
  const value = (depth: number): Json => {
    if (depth > maxDepth) throw new LoraError(`${what} is nested deeper than ${maxDepth}`);
    if (++values > maxValues) throw new LoraError(`${what} has more than ${maxValues} values`);
    space();
    const first = text[at];
    if (first === '{') return object(depth + 1);
    if (first === '[') return list(depth + 1);
    if (first === '"') return string();
    for (const [token, meaning] of constants) {
      if (text.startsWith(token, at)) {
        at += token.length;
        return meaning;
      }
    }
    return number();
  };
  const whole = value(0);
  space();
  if (at < text.length) fail('the end');
  return whole;
};

const constants = [
  ['null', null],
  ['true', true],
  ['false', false],
] as const;

/** As Python's `json.dumps(value, indent=2, sort_keys=True)` prints it, byte for byte: what peft writes. */
export const printJson = (value: Json, indent = ''): string => {
  const deeper = `${indent}  `;
  if (isNumber(value)) return value.text;
  if (isList(value)) {
    if (value.length === 0) return '[]';
    return `[\n${value.map((item) => deeper + printJson(item, deeper)).join(',\n')}\n${indent}]`;
  }
  if (isObject(value)) {
    if (value.size === 0) return '{}';
    const keys = [...value.keys()].sort(byCodePoint);
    const lines = keys.map((key) => `${deeper}${ascii(key)}: ${printJson(value.get(key)!, deeper)}`);
    return `{\n${lines.join(',\n')}\n${indent}}`;
  }
  return typeof value === 'string' ? ascii(value) : String(value);
};

/** The order of UTF-8 bytes, which is that of code points; JavaScript's own differs beyond the basic plane. */
export const byCodePoint = (left: string, right: string): number =>
  Buffer.compare(Buffer.from(left), Buffer.from(right));

const ascii = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: DEL is what Python leaves as it is
  JSON.stringify(text).replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
