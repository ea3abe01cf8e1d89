import { TokenizerError } from './errors.ts';

const deepest = 64;
/** Llama 3 has 410,000 with its merges, Gemma 1.6 million. Each may take 60 bytes. */
const mostValues = 4_000_000;

/**
 * JSON from a stranger's file: `JSON.parse`, once it is known that it becomes neither deep enough to exhaust the stack nor
 * many times its size.
 *
 * @throws TokenizerError
 */
export const parseJson = (bytes: Uint8Array, name: string): unknown => {
  checkShape(bytes, name);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new TokenizerError(`${name} is no JSON: ${error instanceof Error ? error.message : error}`);
  }
};

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const opening = new Set([0x5b, 0x7b]);
const closing = new Set([0x5d, 0x7d]);

const checkShape = (bytes: Uint8Array, name: string): void => {
  let [depth, values, isText] = [0, 1, false];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (isText) {
      if (byte === backslash) at++;
      else if (byte === quote) isText = false;
    } else if (byte === quote) isText = true;
    else if (byte === comma) values++;
    else if (closing.has(byte)) depth--;
    else if (opening.has(byte)) {
      values++;
      if (++depth > deepest) throw new TokenizerError(`${name} is nested deeper than ${deepest}`);
    }
  }
  if (values > mostValues) throw new TokenizerError(`${name} has ${values} values; ${mostValues} are allowed`);
};
