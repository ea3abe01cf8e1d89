import type { Update, Updates } from './updates.ts';

export type LanesOptions = {
  readonly updates: Updates;
  /** Acts on an update; throws only where trying again later may help. */
  readonly act: (update: Update) => Promise<void>;
  /** Updates of one lane are acted on one after another, in the order in which they came. */
  readonly laneOf: (update: Update) => string;
  readonly onTrouble: (error: unknown) => void;
  /** Called for an update that is not acted on, since so many of its lane wait: one lane never stops the others. */
  readonly onShed?: (update: Update) => Promise<void>;
  /** Held at once, over all lanes. */
  readonly width?: number;
  /** Milliseconds between two looks for what others left. */
  readonly everyMs?: number;
};

export type Lanes = {
  /** Looks at once, since something came. */
  readonly wake: () => void;
  /** Lets what is under way end; what was taken and not begun is given back. */
  readonly stop: () => Promise<void>;
};

const mostAttempts = 5;
/** Of one lane; an album has ten. */
const mostWaiting = 20;

/** Works through updates: many people at once, and each one's things in their order. */
export const startLanes = ({
  updates,
  act,
  laneOf,
  onTrouble,
  onShed,
  width = 128,
  everyMs = 1_000,
}: LanesOptions): Lanes => {
  const lanes = new Map<string, Update[]>();
  const running = new Set<Promise<void>>();
  let inHand = 0;
  let isStopping = false;
  let isLooking = false;
  let isWoken = false;

  const one = async (update: Update): Promise<void> => {
    try {
      await act(update);
      await updates.done(update.id);
    } catch (error) {
      onTrouble(error);
      // What fails again and again would be tried for ever.
      const end = update.attempts + 1 >= mostAttempts ? updates.done : updates.giveBack;
      await end(update.id).catch(onTrouble);
    }
  };
  const leaveOut = async (update: Update): Promise<void> => {
    await updates.done(update.id).catch(onTrouble);
    await onShed?.(update).catch(onTrouble);
  };
  const run = async (lane: string, queue: Update[]): Promise<void> => {
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      if (isStopping) await updates.giveBack(next.id).catch(onTrouble);
      else await one(next);
      queue.shift();
      inHand--;
    }
    lanes.delete(lane);
  };
  const put = (update: Update): void => {
    const lane = laneOf(update);
    const queue = lanes.get(lane);
    if (queue !== undefined && queue.length >= mostWaiting) {
      const work = leaveOut(update).finally(() => running.delete(work));
      running.add(work);
      return;
    }
    inHand++;
    if (queue !== undefined) {
      queue.push(update);
      return;
    }
    const own = [update];
    lanes.set(lane, own);
    const work = run(lane, own).finally(() => {
      running.delete(work);
      void look();
    });
    running.add(work);
  };
  const look = async (): Promise<void> => {
    if (isLooking) {
      isWoken = true;
      return;
    }
    isLooking = true;
    try {
      do {
        isWoken = false;
        while (!isStopping && inHand < width) {
          const taken = await updates.take(width - inHand);
          for (const update of taken) put(update);
          if (taken.length === 0) break;
        }
      } while (isWoken && !isStopping);
    } catch (error) {
      onTrouble(error);
    } finally {
      isLooking = false;
    }
  };
  const timer = setInterval(() => void look(), everyMs);
  timer.unref();
  void look();
  return {
    wake: () => void look(),
    stop: async () => {
      isStopping = true;
      clearInterval(timer);
      while (running.size > 0 || isLooking) {
        await Promise.allSettled([...running]);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
  };
};
