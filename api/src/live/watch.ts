import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { Feed } from './feed.ts';
import { createSlot, type Queue } from './subscriber.ts';

/** A state as its followers get it: with a cursor that stands for it. */
export type Stated<T> = T & { readonly cursor: string };

/** Follows states rather than events: whoever is late gets the newest, and not those in between. */
export type Watch<T> = {
  /** The state of `key` now, unless `after` is its cursor, and then each that is another. */
  readonly follow: (key: string, after: string | null, signal: AbortSignal) => AsyncGenerator<Stated<T>, void>;
};

type Follower<T> = { readonly key: string; readonly slot: Queue<Stated<T>>; last: string | null };

type Options<T> = {
  readonly feed: Feed;
  /** All states in one look, by key; a key without a state is left out. */
  readonly read: (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>;
  readonly log: Logger;
};

/** Looks at what is watched, all keys at once, whenever the feed changes. */
export function createWatch<T extends object>({ feed, read, log }: Options<T>): Watch<T> {
  const followers = new Set<Follower<T>>();
  let forget = () => {};
  let reading = false;
  let again = false;

  const look = async () => {
    const watched = [...followers];
    const states = await read([...new Set(watched.map(({ key }) => key))]);
    for (const follower of watched) {
      const state = states.get(follower.key);
      if (state === undefined) continue;
      const cursor = cursorOf(state);
      if (follower.last === cursor) continue;
      follower.last = cursor;
      follower.slot.push({ ...state, cursor });
    }
  };

  const onChange = async (error?: Error) => {
    if (error) {
      for (const { slot } of followers) slot.end(error);
      return;
    }
    again = true;
    if (reading) return;
    reading = true;
    while (again && followers.size > 0) {
      again = false;
      // The next change brings another look.
      await look().catch((failure: unknown) => log.warn({ err: failure }, 'what is watched cannot be read'));
    }
    reading = false;
  };

  return {
    follow: async function* (key, after, signal) {
      const follower: Follower<T> = { key, slot: createSlot<Stated<T>>(), last: after };
      if (followers.size === 0) forget = feed.onChange(onChange);
      followers.add(follower);
      signal.addEventListener('abort', () => follower.slot.end());
      try {
        void onChange();
        yield* follower.slot.read();
      } finally {
        followers.delete(follower);
        if (followers.size === 0) forget();
      }
    },
  };
}

function cursorOf(state: object): string {
  const text = JSON.stringify(state, (_key, value) => (typeof value === 'bigint' ? value.toString() : value));
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
