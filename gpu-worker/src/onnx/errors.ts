/** What is wrong with a model or its file, where, and what would be right. */
export class OnnxError extends Error {
  override readonly name = 'OnnxError';

  /** Names come from the file: what would steer a terminal is escaped, and what is endless is cut. */
  constructor(message: string) {
    super(printable(message).slice(0, 2_000));
  }
}

/** Text from a file, harmless on a terminal. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0)!;
    return `\\u{${code.toString(16)}}`;
  });
