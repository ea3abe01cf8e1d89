/**
 * GPT-2's way of writing any byte as one visible character, so that vocabularies of bytes fit into JSON: printable Latin-1
 * bytes stand for themselves, the others for the characters from U+0100 on, in order.
 */
export const byteToCharacter: readonly string[] = (() => {
  const isPrintable = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 255 && byte !== 173);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++));
})();

const characterToByte: ReadonlyMap<string, number> = new Map(
  byteToCharacter.map((character, byte) => [character, byte]),
);

/** The 256 characters in the order of their code points: the order in which Hugging Face's trainer numbers them. */
export const alphabet: readonly string[] = byteToCharacter.toSorted((a, b) => a.charCodeAt(0) - b.charCodeAt(0));

/** The bytes that a token of such a vocabulary stands for; `undefined` where it holds a character of no byte. */
export const bytesOf = (token: string): Uint8Array | undefined => {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = characterToByte.get(token[i]!);
    if (byte === undefined) return undefined;
    bytes[i] = byte;
  }
  return bytes;
};
