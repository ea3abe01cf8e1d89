import pino from 'pino';
import { expect, test } from 'vitest';
import { createPersistence } from './persistence.ts';

const log = pino({ level: 'silent' });

test('what cannot be written now is written as soon as it can, once', async () => {
  const persistence = createPersistence(log);
  let tries = 0;
  let written = 0;
  await persistence.persist(async () => {
    tries += 1;
    if (tries < 4) throw new Error('the database is away');
    written += 1;
  });
  expect({ tries, written }).toEqual({ tries: 4, written: 1 });
});

test('closing waits for what is under way', async () => {
  const persistence = createPersistence(log);
  let isWritten = false;
  let tries = 0;
  const persisted = persistence.persist(async () => {
    tries += 1;
    if (tries < 3) throw new Error('the database is away');
    isWritten = true;
  });
  await persistence.close();
  expect(isWritten).toBe(true);
  await persisted;
});
