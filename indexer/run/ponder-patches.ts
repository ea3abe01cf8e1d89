import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** One place in Ponder's own code that costs too much for what we do with it. */
export type PonderPatch = {
  /** What it does for us. */
  name: string;
  /** Below Ponder's `dist/esm`. */
  file: string;
  /** Each text must stand there exactly once; the second takes its place. */
  edits: readonly (readonly [from: string, to: string])[];
};

/**
 * What is changed in ponder 0.16.10 when it is loaded; its files on disk stay as they are.
 *
 * None of these changes what Ponder does, only how fast. A patch whose text is not found, as after an upgrade, is left out
 * whole and named in the log: the index is then slower, never wrong.
 */
export const ponderPatches: readonly PonderPatch[] = [
  {
    // Ponder learns slowly from 20 requests a second upwards. A transport of our own keeps its providers' limits itself,
    // and a chain on this machine has none.
    name: 'no pacing of our own transport and of local chains',
    file: 'rpc/index.js',
    edits: [
      [
        'rpsLimit: INITIAL_MAX_RPS,',
        'rpsLimit: ["custom_transport", "127.0.0.1", "localhost", "[::1]"].includes(hostname) ? 1e6 : INITIAL_MAX_RPS,',
      ],
    ],
  },
];

/** Applies patches to a file's source; those that do not fit are reported and left out. */
export const patchSource = (
  source: string,
  patches: readonly PonderPatch[],
  misfit: (patch: PonderPatch) => void,
): string =>
  patches.reduce((before, patch) => {
    const fits = patch.edits.every(([from]) => before.split(from).length === 2);
    if (!fits) {
      misfit(patch);
      return before;
    }
    return patch.edits.reduce((text, [from, to]) => text.replace(from, () => to), before);
  }, source);

/** From now on, Ponder's files are patched as they are loaded. @param misfit is called for each patch that no longer fits. */
export const patchPonder = (misfit: (patch: PonderPatch) => void): void => {
  const root = new URL('./', import.meta.resolve('ponder')).href;
  const byUrl = new Map(ponderPatches.map(({ file }) => [root + file, ponderPatches.filter((p) => p.file === file)]));
  registerHooks({
    load: (url, context, nextLoad) => {
      const patches = byUrl.get(url);
      if (patches === undefined) return nextLoad(url, context);
      const source = patchSource(readFileSync(new URL(url), 'utf8'), patches, misfit);
      return { format: 'module', source, shortCircuit: true };
    },
  });
};
