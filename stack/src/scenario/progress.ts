import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const progressSchema = z.object({
  /** The chain it is about: another genesis begins anew. */
  genesisHash: z.string(),
  /** Whether the history is being played, or has been. */
  phase: z.enum(['history', 'live']),
  /** The chain's time, Unix seconds, when this was written. */
  chainTime: z.int(),
});

export type ScenarioProgress = z.output<typeof progressSchema>;

/**
 * How far the scenario has come, for whoever starts the chain again: a chain stopped in the middle of the history should
 * go on at `chainTime`, not at the wall clock. What has been done is never read from here but from the chain itself.
 * @returns undefined when there is none, or it is about another chain.
 */
export async function readProgress(stateDir: string, genesisHash?: string): Promise<ScenarioProgress | undefined> {
  const text = await readFile(progressFile(stateDir), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const parsed = progressSchema.safeParse(JSON.parse(text));
    if (!parsed.success || (genesisHash !== undefined && parsed.data.genesisHash !== genesisHash)) return undefined;
    return parsed.data;
  } catch {
    return undefined;
  }
}

/** Written whole or not at all. */
export async function writeProgress(stateDir: string, progress: ScenarioProgress): Promise<void> {
  const file = progressFile(stateDir);
  await mkdir(stateDir, { recursive: true });
  await writeFile(`${file}.partial`, `${JSON.stringify(progress, null, 2)}\n`);
  await rename(`${file}.partial`, file);
}

function progressFile(stateDir: string): string {
  return join(stateDir, 'scenario.json');
}
