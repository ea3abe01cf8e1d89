import { expect, test } from 'vitest';
import { runChaos } from './chaos.ts';
import { readServingOptions, ServingOptionsError } from './options.ts';

// A worker that loses a request when it dies, or records one twice, charges people for what they never got.

test('whoever asks a worker that is killed gets an answer or a clear error, recorded once as it ended', async () => {
  const chaos = await runChaos({
    ...{ requests: 120, adapters: 24, kills: 1, seed: 6, clients: 12 },
    // Room for some of the adapters alone, in memory and on disk.
    env: {
      ...{ WORKER_THREADS: '1', WORKER_ROWS: '8', WORKER_QUEUE: '8' },
      ...{ WORKER_HOST_BYTES: '4000000', WORKER_DISK_BYTES: '6000000' },
    },
  });
  expect(chaos).toMatchObject({ requests: 120, kills: 1, faults: 0, wrong: [] });
  expect(chaos.answered).toBeGreaterThan(40);
  expect(chaos.failed).toBeGreaterThan(0);
  expect(chaos.left).toBeGreaterThan(0);
}, 120_000);

test('the flags of the long run are read, and wrong ones are said', () => {
  expect(readServingOptions(['--requests', '50', '--seed', '3'])).toEqual({
    ...{ requests: 50, adapters: 1_000, kills: 2, seed: 3 },
  });
  expect(() => readServingOptions(['--request', '50'])).toThrow(ServingOptionsError);
  expect(() => readServingOptions(['--kills'])).toThrow('--kills needs a whole number after it.');
});
