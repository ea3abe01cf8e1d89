import { beforeAll, describe, expect, it } from 'vitest';
import { type Artifact, type Artifacts, loadArtifacts } from '../../src/compile/index.ts';
import { startArena } from './chain.ts';
import { fuzz } from './fuzz.ts';
import { compileMutants, mutants } from './mutants.ts';
import { wholeNumber } from './settings.ts';
import { compileHarness, setStage } from './stage.ts';
import { invariants } from './violation.ts';

/** The fuzz must have found the fault within so many calls. */
const calls = 10_000;
const seed = wholeNumber('FUZZ_SEED', 1);
const timeout = 300_000;

let wallet: Artifact;
let broken: readonly Artifacts[];

beforeAll(async () => {
  wallet = await compileHarness();
  broken = await compileMutants(await loadArtifacts());
}, timeout);

describe('the fuzz notices a broken contract: were it blind, green would mean nothing', () => {
  it.each(mutants.map((mutant, index) => ({ ...mutant, index })))(
    'invariant $invariant: $contract in which $name',
    async ({ invariant, index }) => {
      const chain = await startArena();
      try {
        const stage = await setStage(chain, broken[index]!, wallet, 'mutant');
        // A broken check also makes honest calls fail; what counts is that the harm itself is seen.
        const { violation } = await fuzz({ stage, seed, calls, patient: true });
        expect(violation?.invariant, violation?.message ?? `nothing was found in ${calls} calls`).toBe(invariant);
      } finally {
        await chain.stop();
      }
    },
    timeout,
  );

  it('and there is at least one for each of the six', () => {
    const broken = new Set<number>(mutants.map(({ invariant }) => invariant));
    expect(Object.keys(invariants).filter((number) => number !== '0' && !broken.has(Number(number)))).toEqual([]);
  });
});
