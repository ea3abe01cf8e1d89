import { type Chaos, runChaos } from './chaos.ts';
import type { ServingOptions } from './options.ts';

/** Megabytes by which a worker may grow in the second half of its last life: what its heap does between two collections. */
const flat = 60;

/**
 * All kinds of clients against a real worker that is killed meanwhile, with memory and disk for a part of the adapters alone.
 *
 * @returns figures; `faults` is 0 when each request ended clearly and was recorded once, as it ended, in flat memory.
 */
export const verifyServing = async (
  options: ServingOptions,
  say: (message: string) => void,
): Promise<Chaos & { readonly seed: number }> => {
  say(`${options.requests} requests to ${options.adapters} adapters, seed ${options.seed}`);
  const quarter = Math.ceil((options.adapters * 400_000) / 4);
  const chaos = await runChaos({
    ...options,
    clients: 24,
    env: {
      WORKER_QUEUE: '16',
      WORKER_HOST_BYTES: `${Math.max(4_000_000, quarter)}`,
      WORKER_DISK_BYTES: `${Math.max(8_000_000, 2 * quarter)}`,
    },
    say,
  });
  for (const wrong of chaos.wrong) say(wrong);
  const isFlat = !(chaos.end_mb - chaos.middle_mb > flat);
  if (!isFlat) say(`its memory grew from ${chaos.middle_mb} MB to ${chaos.end_mb} MB`);
  return { ...chaos, seed: options.seed, faults: chaos.faults + (isFlat ? 0 : 1) };
};
