import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

test('a caller runs no more than its share, in the order it asked; another is not held up', async () => {
  const turns = createTurns(2, 10);
  const began: string[] = [];
  const ends = new Map<string, () => void>();
  const ask = (key: string, name: string) =>
    turns(key, () => {
      began.push(name);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    });
  const all = [ask('a', '1'), ask('a', '2'), ask('a', '3'), ask('a', '4'), ask('b', '5')];
  await Promise.resolve();
  expect(began).toEqual(['1', '2', '5']);
  ends.get('2')!();
  await expect.poll(() => began).toEqual(['1', '2', '5', '3']);
  ends.get('1')!();
  ends.get('3')!();
  await expect.poll(() => began).toEqual(['1', '2', '5', '3', '4']);
  ends.get('4')!();
  ends.get('5')!();
  await Promise.all(all);
});

test('a failure gives its place on, and who waits behind too many is refused', async () => {
  const turns = createTurns(1, 1);
  let end = () => {};
  const first = turns('a', () => new Promise<void>((_, reject) => (end = () => reject(new Error('broken')))));
  const second = turns('a', () => 'served');
  await expect(turns('a', () => 'third')).rejects.toThrow('1 operations of yours are waiting');
  end();
  await expect(first).rejects.toThrow('broken');
  expect(await second).toBe('served');
});
