import type { Hex } from '@openledger/protocol';
import { expect, test } from 'vitest';
import { createSeal, SealError } from './seal.ts';

const key = (digit: string): Hex => `0x${digit.repeat(64)}`;
const [one, other]: Hex[] = [`0x${'a'.repeat(64)}`, `0x${'b'.repeat(64)}`];
const answered = { answers: [{ prompt: [1, 2], ids: [3], text: 'what only the payer and the worker know' }] };

test('what was asked and answered is read again by the worker that gave the answer, and is nowhere in what is kept', () => {
  const seal = createSeal(key('1'));
  const sealed = seal.close(one!, answered);
  expect(seal.open(one!, sealed)).toEqual(answered);
  expect(Buffer.from(sealed).toString('latin1')).not.toContain('only the payer');
  expect(seal.close(one!, answered)).not.toEqual(sealed);
});

test('another key, another request, or a changed byte opens nothing', () => {
  const seal = createSeal(key('1'));
  const sealed = seal.close(one!, answered);
  expect(() => createSeal(key('2')).open(one!, sealed)).toThrow(/another key, or was changed.*WORKER_KEY/);
  expect(() => seal.open(other!, sealed)).toThrow(SealError);
  for (let at = 0; at < sealed.length; at++) {
    const changed = Uint8Array.from(sealed);
    changed[at]! ^= 1;
    expect(() => seal.open(one!, changed)).toThrow(SealError);
  }
  expect(() => seal.open(one!, sealed.subarray(0, 20))).toThrow(/no sealed answer/);
});
