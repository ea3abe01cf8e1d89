import { beforeAll, describe, expect, it } from 'vitest';
import { type Artifact, type Artifacts, loadArtifacts } from '../../src/compile/index.ts';
import { startArena } from './chain.ts';
import { blindSpots } from './coverage.ts';
import { type FuzzOptions, fuzz, type Report } from './fuzz.ts';
import { wholeNumber } from './settings.ts';
import { compileHarness, setStage } from './stage.ts';

const seed = wholeNumber('FUZZ_SEED', 1);
const calls = wholeNumber('FUZZ_CALLS', 20_000);
/** Each round plays on a chain of its own: the local chain slows down as its state grows. */
const callsPerRound = 5_000;
const rounds = Array.from({ length: Math.ceil(calls / callsPerRound) }, (_, round) => ({
  seed: seed + round,
  calls: Math.min(callsPerRound, calls - round * callsPerRound),
}));
const timeout = 300_000;

let artifacts: Artifacts;
let wallet: Artifact;

beforeAll(async () => {
  artifacts = await loadArtifacts();
  wallet = await compileHarness();
}, timeout);

async function play(options: Omit<FuzzOptions, 'stage'>): Promise<Report> {
  const chain = await startArena();
  try {
    return await fuzz({ ...options, stage: await setStage(chain, artifacts, wallet, 'fuzz') });
  } finally {
    await chain.stop();
  }
}

/** Everything somebody needs to see a failure again. */
function story(report: Report, round: { seed: number; calls: number }): string {
  return [
    `${report.violation?.message}`,
    '',
    `Seed ${round.seed}, call ${report.calls} of ${round.calls}. To see it again:`,
    `  FUZZ_SEED=${round.seed} FUZZ_CALLS=${round.calls} npm run -w protocol test -- test/invariants/invariants.test.ts`,
    '',
    'The calls before it, the last one broke the invariant:',
    ...report.story,
  ].join('\n');
}

describe(`the protocol's six invariants under ${calls} random calls`, () => {
  const reports: Report[] = [];

  it.each(rounds)(
    'nobody is paid twice, too much, too early or by a forgery: $calls calls, seed $seed',
    async (round) => {
      const report = await play(round);
      reports.push(report);
      if (report.violation) throw new Error(story(report, round));
      expect(report.calls).toBe(round.calls);
    },
    timeout,
  );

  it.runIf(calls >= 20_000)('the calls reach every corner: what is never tried is never found wanting', () => {
    expect(blindSpots(reports)).toEqual([]);
  });

  it(
    'a seed repeats its run, so a printed failure can be looked into',
    async () => {
      const [first, second] = [await play({ seed: 7, calls: 250 }), await play({ seed: 7, calls: 250 })];
      expect(second.story).toEqual(first.story);
    },
    timeout,
  );
});
