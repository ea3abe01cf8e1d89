import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodePress, encodePress } from './press.ts';

const word = fc.stringMatching(/^[\w.:-]{1,8}$/);

test('a button says what it was made to say, in as few bytes as both platforms take', () => {
  fc.assert(
    fc.property(word, word, fc.array(word, { maxLength: 4 }), (command, action, args) => {
      const encoded = encodePress({ command, action, args });
      expect(Buffer.byteLength(encoded)).toBeLessThanOrEqual(64);
      expect(decodePress(encoded)).toEqual({ command, action, args });
    }),
  );
});

test('what does not fit is refused when it is made; what nobody of us made is nothing', () => {
  expect(() => encodePress({ command: 'a', action: 'b', args: ['x'.repeat(80)] })).toThrow('84 bytes');
  expect(() => encodePress({ command: 'a', action: 'b', args: ['c|d'] })).toThrow('letters, digits');
  fc.assert(
    fc.property(fc.string(), (encoded) => {
      const press = decodePress(encoded);
      if (press !== undefined) expect(encodePress(press)).toBe(encoded);
    }),
  );
});
