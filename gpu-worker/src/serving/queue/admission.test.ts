import { expect, it } from 'vitest';
import { createAdmission } from './admission.ts';

const start = (maxWaiting: number) => {
  let time = 0;
  const admission = createAdmission({ maxWaiting, now: () => time });
  return {
    ...admission,
    pass: (ms: number) => {
      time += ms;
    },
  };
};

it('takes bursts up to what may wait beside what runs', () => {
  const { room } = start(3);
  expect(room({ free: 2, waiting: 0 })).toBe(5);
  // Four stand there already, of whom two have not been given their free place yet.
  expect(room({ free: 2, waiting: 4 })).toBe(1);
  expect(room({ free: 0, waiting: 3 })).toBe(0);
});

it('once somebody has waited for half a second without a break, takes only what finds a free place, until that is over', () => {
  const { see, room, pass } = start(100);
  see(1);
  pass(400);
  expect(room({ free: 0, waiting: 1 })).toBe(99);
  pass(200);
  expect(room({ free: 0, waiting: 1 })).toBe(0);
  see(0);
  expect(room({ free: 3, waiting: 0 })).toBe(3);
  expect(room({ free: 3, waiting: 2 })).toBe(1);
  // A moment without anybody waiting does not end it.
  expect(room({ free: 0, waiting: 0 })).toBe(0);
  pass(600);
  expect(room({ free: 0, waiting: 0 })).toBe(100);
});
