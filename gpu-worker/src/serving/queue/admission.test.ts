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
  const { mayEnter } = start(3);
  expect(mayEnter({ places: 1, free: 2, waiting: 0 })).toBe(true);
  // Four stand there already, of whom two have not been given their free place yet.
  expect(mayEnter({ places: 1, free: 2, waiting: 4 })).toBe(true);
  expect(mayEnter({ places: 2, free: 2, waiting: 4 })).toBe(false);
  expect(mayEnter({ places: 1, free: 0, waiting: 3 })).toBe(false);
});

it('once somebody has waited for half a second without a break, takes only what finds a free place, until that is over', () => {
  const { see, mayEnter, pass } = start(100);
  see(1);
  pass(400);
  expect(mayEnter({ places: 1, free: 0, waiting: 1 })).toBe(true);
  pass(200);
  expect(mayEnter({ places: 1, free: 0, waiting: 1 })).toBe(false);
  see(0);
  expect(mayEnter({ places: 1, free: 1, waiting: 0 })).toBe(true);
  expect(mayEnter({ places: 2, free: 1, waiting: 0 })).toBe(false);
  // A moment without anybody waiting does not end it.
  expect(mayEnter({ places: 1, free: 0, waiting: 0 })).toBe(false);
  pass(600);
  expect(mayEnter({ places: 1, free: 0, waiting: 0 })).toBe(true);
});
