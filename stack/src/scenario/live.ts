import { setTimeout as sleep } from 'node:timers/promises';
import type { Grants } from './earning/grants.ts';
import type { Play } from './play.ts';
import { chance, days } from './scene.ts';
import type { Workshop } from './workshop/workshop.ts';

export type LiveOptions = {
  play: Play;
  /** Milliseconds between two deeds, at least and at most. */
  pace?: readonly [number, number];
  /** Where builders train. */
  workshop?: Workshop;
  /** What people may claim. With it life does not end: somebody may earn something yet. */
  grants?: Grants;
  /** Told once, when every text has been handed in and decided. */
  onDone?: () => void;
  signal: AbortSignal;
};

/** Reviews under way that are enough: contributors wait until some are decided. */
const enoughPending = 4;

/**
 * Plays on in real time, one deed every few seconds, until every text has been handed in and decided and nobody can earn anything.
 * @throws AbortError when the signal aborts.
 */
export async function playLive(options: LiveOptions): Promise<void> {
  const { play, pace = [8_000, 15_000], workshop, grants, onDone = () => {}, signal } = options;
  let isDone = false;
  for (;;) {
    signal.throwIfAborted();
    await play.catchUp();
    const moment = { now: await play.chain.now(), gap: 1 / days, live: true };
    await workshop?.look(play.scene(moment));
    await grants?.look(play.scene(moment));
    const wishes = play.wishes(moment);
    const [acts = [], reviews = [], versions = [], votes = [], disputes = [], money = [], texts = []] = wishes;
    const [models = [], earnings = []] = wishes.slice(7);
    const pending = [...play.world.contributions.values()].filter(({ status }) => status === 'pending').length;
    const roll = chance('live', moment.now);
    const wished = [
      acts,
      models,
      versions,
      roll > 0.6 ? earnings : [],
      roll < 0.12 ? [...votes, ...disputes, ...money] : [],
      pending < enoughPending && roll < 0.5 ? texts : [],
      reviews,
      pending < enoughPending ? texts : [],
      [...votes, ...disputes, ...money, ...earnings],
    ].find((some) => some.length > 0);
    if (wished === undefined && pending === 0 && workshop?.isBusy() !== true) {
      if (!isDone) onDone();
      isDone = true;
      if (grants === undefined) return;
    }
    if (wished !== undefined) {
      await play.carryOut([wished[Math.floor(chance('pick', moment.now) * wished.length)]!]);
    }
    const [least, most] = pace;
    await sleep(least + (most - least) * chance('pause', moment.now), undefined, { signal });
  }
}
