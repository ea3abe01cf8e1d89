import { describe } from '../oracle/index.ts';
import { faultKinds } from './fault.ts';
import { layGround } from './ground.ts';
import { drawPlan, outlookKinds } from './plan.ts';
import { type Report, runSchedule } from './schedule.ts';

/** Which schedules to run. */
export type FaultOptions = {
  readonly seeds: number;
  /** The first seed; the others follow it. */
  readonly first: number;
  /** Faults and outlooks to leave out. */
  readonly without: readonly string[];
};

/** The arguments are not what `npm run verify -- index --seeds` takes; the message says which, and what would be. */
export class FaultOptionsError extends Error {
  override readonly name = 'FaultOptionsError';
}

const flags = ['--seeds', '--first', '--without'] as const;
const mostSeeds = 10_000;

/** Reads the arguments after `index`. @returns undefined where there are none. @throws FaultOptionsError */
export function readFaultOptions(args: readonly string[]): FaultOptions | undefined {
  if (args.length === 0) return undefined;
  const given = new Map<string, string>();
  for (let i = 0; i < args.length; i += 2) {
    const [flag, value] = [args[i]!, args[i + 1]];
    if (!flags.some((known) => known === flag)) {
      throw new FaultOptionsError(`${flag} is unknown: there are ${flags.join(', ')}.`);
    }
    if (value === undefined) throw new FaultOptionsError(`${flag} needs a value after it.`);
    given.set(flag, value);
  }
  const seeds = whole(given, '--seeds', 1, mostSeeds);
  if (seeds === undefined) throw new FaultOptionsError('--seeds is missing: how many schedules to run, such as 50.');
  const without = given.get('--without')?.split(',') ?? [];
  const known: readonly string[] = [...faultKinds, ...outlookKinds];
  for (const kind of without) {
    if (!known.includes(kind)) {
      throw new FaultOptionsError(`--without is ${kind}, which is no fault: there are ${known.join(', ')}.`);
    }
  }
  return { seeds, first: whole(given, '--first', 0, Number.MAX_SAFE_INTEGER - mostSeeds) ?? 1, without };
}

function whole(given: ReadonlyMap<string, string>, flag: string, low: number, high: number): number | undefined {
  const text = given.get(flag);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= low && value <= high) return value;
  throw new FaultOptionsError(`${flag} is ${text}: it must be a whole number from ${low} to ${high}.`);
}

/** What came of some schedules. */
export type FaultVerdict = {
  readonly schedules: number;
  /** Those after which there was an index to compare. */
  readonly compared: number;
  readonly events: number;
  readonly differences: number;
  /** Schedules in which the indexer did what it should not, whether the tables differ or not. */
  readonly failures: number;
  /** The longest time from the end of a schedule's faults until its index stood at the head, seconds. */
  readonly settled_after_s: number;
  /** How often each fault was injected, and each step was taken. */
  readonly happened: Readonly<Record<string, number>>;
};

/**
 * Runs schedules one after another, and says of each how it went and how to have it again.
 * @param signal gives up. @throws its reason, all that was started being ended.
 */
export async function runFaults(
  options: FaultOptions,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<FaultVerdict> {
  const { seeds, first, without } = options;
  const happened = new Map<string, number>();
  let [compared, events, differences, failures, slowest] = [0, 0, 0, 0, 0];
  const ground = await layGround();
  try {
    for (let seed = first; seed < first + seeds; seed++) {
      const plan = drawPlan(seed, without);
      const report = await runSchedule({ ground, plan, signal });
      for (const line of told(report, without)) say(line);
      if (report.isCompared) compared++;
      events += report.events;
      differences += report.differences;
      if (report.failures.length > 0) failures++;
      slowest = Math.max(slowest, report.settledAfter);
      for (const [what, times] of Object.entries(report.happened))
        happened.set(what, (happened.get(what) ?? 0) + times);
    }
  } finally {
    await ground.stop();
  }
  return {
    schedules: seeds,
    compared,
    events,
    differences,
    failures,
    settled_after_s: Number(slowest.toFixed(1)),
    happened: Object.fromEntries([...happened].sort()),
  };
}

function told(report: Report, without: readonly string[]): readonly string[] {
  const { seed, happened, events, differences, first, failures, settledAfter, seconds } = report;
  const counts = Object.entries(happened).map(([what, times]) => `${times} ${what}`);
  const lines = [
    `seed ${seed}: ${events} events, ${differences} differences, ${seconds.toFixed(1)} s, settled after ${settledAfter.toFixed(1)}; ${counts.join(', ')}`,
  ];
  if (first !== undefined) lines.push(`  first difference: ${describe(first)}`);
  for (const failure of failures) lines.push(`  ${failure}`);
  if (first === undefined && failures.length === 0) return lines;
  const rest = without.length === 0 ? '' : ` --without ${without.join(',')}`;
  return [...lines, `  once more: npm run verify -- index --seeds 1 --first ${seed}${rest}`];
}
