import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

test('those of one name follow each other, whatever became of the one before; others do not wait', async () => {
  const inTurn = createTurns();
  const said: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = inTurn('a', async () => {
    await gate.promise;
    said.push('first');
    throw new Error('it failed');
  });
  const second = inTurn('a', async () => void said.push('second'));
  await inTurn('b', async () => void said.push('other'));
  gate.resolve();
  await expect(first).rejects.toThrow('it failed');
  await second;
  expect(said).toEqual(['other', 'first', 'second']);
});
