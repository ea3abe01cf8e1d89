/** A settler, or a keeper of epochs, that kills itself, without any chance to clean up, when it comes to a moment. */
import type { Moment } from '@openledger/gpu-worker/settlement';
import type { Place } from './ground.ts';
import { startKeeping, startSettling } from './settling.ts';

export type Order = {
  readonly place: Place;
  readonly who: 'settler' | 'keeper';
  readonly at: Moment;
  /** After so many milliseconds it is said why the moment has not come. */
  readonly patienceMs: number;
};

process.once('message', ({ place, who, at, patienceMs }: Order) => {
  const start = who === 'settler' ? startSettling : startKeeping;
  const moments: Moment[] = [];
  const running = start(place, {
    // The one before may still hold its lock, or its call be mined meanwhile.
    everyMs: 300,
    onMoment: (moment) => {
      moments.push(moment);
      if (moment === at) process.kill(process.pid, 'SIGKILL');
    },
  });
  // Whoever waits in vain reads why.
  setTimeout(() => console.error(`The ${who} waits for “${at}”:`, moments.slice(-20), running.figures()), patienceMs);
});
process.once('disconnect', () => process.exit(1));
process.send?.('loaded');
