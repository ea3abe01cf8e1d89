/** Messages of one subscriber that wait to be taken at most. */
export const MAX_QUEUE = 1000;

/** What a subscriber that takes its messages more slowly than they come is told. */
export class SlowConsumerError extends Error {
  override readonly name = 'SlowConsumerError';
}

/** A queue with one reader. It ends by an error or by `end`; what was in it is read first, but for an error. */
export type Queue<T> = {
  readonly push: (message: T) => void;
  readonly end: (error?: Error) => void;
  readonly read: () => AsyncGenerator<T, void>;
};

/** A queue of at most `MAX_QUEUE` messages. One more ends it with SlowConsumerError, and `onOverflow` is called. */
export function createQueue<T extends NonNullable<unknown>>(onOverflow: () => void = () => {}): Queue<T> {
  let messages: T[] = [];
  let ended = false;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  const end = (error?: Error) => {
    if (ended) return;
    ended = true;
    failure = error;
    if (error) messages = [];
    wake?.();
  };
  return {
    push: (message) => {
      if (ended) return;
      if (messages.length >= MAX_QUEUE) {
        end(new SlowConsumerError(`More than ${MAX_QUEUE} messages wait to be taken.`));
        onOverflow();
        return;
      }
      messages.push(message);
      wake?.();
    },
    end,
    read: async function* () {
      for (;;) {
        const message = messages.shift();
        if (message !== undefined) yield message;
        else if (failure) throw failure;
        else if (ended) return;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          wake = undefined;
        }
      }
    },
  };
}

/** A place for the newest value only: one that was not taken before the next came is left out. */
export function createSlot<T>(): Queue<T> {
  let held: { value: T } | undefined;
  const queue = createQueue<'new'>();
  let announced = false;
  return {
    push: (value) => {
      held = { value };
      if (!announced) queue.push('new');
      announced = true;
    },
    end: queue.end,
    read: async function* () {
      for await (const _ of queue.read()) {
        announced = false;
        yield held!.value;
      }
    },
  };
}
