import { expect, test } from 'vitest';
import { parseLine } from '../src/log.ts';

test('what children print is read, whatever its shape', () => {
  expect(
    [
      'plain words',
      '{"level":30,"msg":"listening"}',
      '{"level":50,"msg":"failed","err":{"message":"no disk"}}',
      '{"level":"warn","msg":"slow"}',
      '{broken',
      '{"no":"message"}',
    ].map(parseLine),
  ).toEqual([
    { level: 'info', message: 'plain words' },
    { level: 'info', message: 'listening' },
    { level: 'error', message: 'failed (no disk)' },
    { level: 'warn', message: 'slow' },
    { level: 'info', message: '{broken' },
    { level: 'info', message: '{"no":"message"}' },
  ]);
});
