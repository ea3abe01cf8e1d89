import { loadArtifacts, loadHarness } from '../src/compile/index.ts';

/** Fills the cache before the test files start, so that each finds the contracts compiled. */
export default async function compileOnce(): Promise<void> {
  await loadArtifacts();
  await loadHarness();
}
