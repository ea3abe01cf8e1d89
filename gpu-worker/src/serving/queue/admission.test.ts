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

it('once somebody has waited for half a second without a break, takes only what finds a free place', () => {
  const { see, room, pass } = start(100);
  see({ free: 0, waiting: 1 });
  pass(400);
  expect(room({ free: 0, waiting: 1 })).toBe(99);
  pass(200);
  expect(room({ free: 0, waiting: 1 })).toBe(0);
  expect(room({ free: 3, waiting: 2 })).toBe(1);
});

it('has a queue again once places have stayed free for half a second: that nobody waits is no sign of it, since nobody may', () => {
  const { see, room, pass } = start(100);
  see({ free: 0, waiting: 1 });
  pass(600);
  see({ free: 0, waiting: 1 });
  for (let second = 0; second < 3; second++) {
    expect(room({ free: 0, waiting: 0 })).toBe(0);
    pass(400);
    // One ends, and its place is taken at once.
    expect(room({ free: 1, waiting: 0 })).toBe(1);
    pass(5);
  }
  expect(room({ free: 1, waiting: 0 })).toBe(1);
  pass(600);
  expect(room({ free: 1, waiting: 0 })).toBe(101);
});
