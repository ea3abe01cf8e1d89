import type { ScenarioLog } from './log.ts';
import type { Play } from './play.ts';
import { chance, days } from './scene.ts';

export type HistoryOptions = {
  play: Play;
  log: ScenarioLog;
  /** Unix seconds at which history ends. */
  until: number;
  /** Told the chain's time at the end of each day that was played. */
  onDay?: (time: number) => Promise<void>;
  signal: AbortSignal;
};

/**
 * Plays the community's life from the chain's latest block until `until`, moving the chain's time forward.
 * Everything follows from what is on chain and the moment, so a history that was cut off goes on as if it had not been.
 */
export async function playHistory({ play, log, until, onDay, signal }: HistoryOptions): Promise<void> {
  const { chain } = play;
  await play.catchUp();
  const begun = await chain.now();
  const total = Math.max(1, until - begun);
  const day = { number: Math.floor((begun - chain.genesisTime) / days), deeds: 0 };
  await chain.holdClock();
  try {
    let last = begun;
    for (const { time, gap } of moments(chain.genesisTime, until)) {
      if (time <= last) continue;
      signal.throwIfAborted();
      const intents = play.wishes({ now: time, gap, live: false }).flat();
      if (intents.length > 0) {
        await play.carryOut(intents, time);
        last = await chain.now();
      }
      day.deeds += intents.length;
      const today = Math.floor((time - chain.genesisTime) / days);
      if (today > day.number) {
        await onDay?.(time);
        log.progress((time - begun) / total, tellDay(play, day.number, day.deeds));
        Object.assign(day, { number: today, deeds: 0 });
      }
    }
    await chain.moveToNow();
  } finally {
    await chain.releaseClock();
  }
  await play.catchUp();
}

/** The moments at which personas look at the chain: closer together by day than by night, the same at every start. */
export function* moments(genesis: number, until: number): Generator<{ time: number; gap: number }> {
  let time = genesis;
  for (let i = 0; ; i++) {
    const hour = Math.floor((time % days) / 3_600);
    const [least, spread] = hour >= 6 && hour < 22 ? [12, 60] : [60, 120];
    const seconds = Math.round((least + spread * chance('moment', i)) * 60);
    time += seconds;
    if (time >= until) return;
    yield { time, gap: seconds / days };
  }
}

function tellDay({ world }: Play, day: number, deeds: number): string {
  const count = (status: string) => [...world.contributions.values()].filter((each) => each.status === status).length;
  const parts = [`${count('accepted')} accepted`, `${count('rejected')} rejected`, `${count('pending')} under review`];
  return `day ${day + 1}: ${deeds} actions; contributions so far: ${parts.join(', ')}`;
}
