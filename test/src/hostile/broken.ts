import type { Format } from './format.ts';

// Readers with the faults that the runner is there to find.

const broken = (name: string, read: () => void): Format => ({
  name,
  seeds: async () => [Uint8Array.of(1, 2, 3)],
  read,
  isRefusal: (error) => error instanceof RangeError,
  mutators: [],
  mostBytes: () => 1_000,
});

export const formats: readonly Format[] = [
  broken('crashing', () => {
    throw new TypeError('undefined is not a function');
  }),
  broken('hanging', () => {
    for (;;);
  }),
  broken('allocating', () => {
    new Uint8Array(2_000);
  }),
  broken('filling the heap', () => {
    const kept: unknown[] = [];
    for (;;) kept.push(new Array(100_000).fill(kept.length));
  }),
];
