import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { hash } from '../../test/world.ts';
import type { Answer } from './answer.ts';
import { atReadersPace } from './pace.ts';
import type { Told } from './route.ts';

const text = (of: string): Told => ({ kind: 'text', requestId: hash(1), text: of });
const end = { kind: 'answer', answer: { text: 'abcd' } as Answer } satisfies Told;

test('a slow reader gets the same text in fewer parts, and the worker waits for nobody', async () => {
  let given = 0;
  const source = async function* () {
    for (const part of ['a', 'b', 'c', 'd']) {
      yield text(part);
      given += 1;
      await turn();
    }
    yield end;
  };
  const parts: string[] = [];
  for await (const told of atReadersPace(source())) {
    parts.push(told.kind === 'text' ? told.text : 'the end');
    while (given < 4) await turn();
    await turn();
  }
  expect(parts).toEqual(['a', 'bcd', 'the end']);
});

test('what came before a failure is told first, then the failure', async () => {
  const source = async function* () {
    yield text('a');
    throw new Error('broke off');
  };
  const parts: Told[] = [];
  const reading = async () => {
    for await (const told of atReadersPace(source())) parts.push(told);
  };
  await expect(reading()).rejects.toThrow('broke off');
  expect(parts).toEqual([text('a')]);
});

test('whoever reads no further ends the work', async () => {
  let isEnded = false;
  const source = async function* () {
    try {
      for (;;) {
        yield text('a');
        await turn();
      }
    } finally {
      isEnded = true;
    }
  };
  for await (const _ of atReadersPace(source())) break;
  while (!isEnded) await turn();
});
