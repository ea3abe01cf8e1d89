import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Figures, round } from '../report.ts';
import type { StoredAdapter } from './adapters.ts';
import type { MemoryJob } from './memory.ts';
import type { Plan } from './plan.ts';

/** What one more loaded adapter takes of a process, beside its files: between one and all of them, each in a fresh process. */
export const memoryOf = async ({
  plan,
  adapters,
  progress,
}: {
  readonly plan: Plan;
  readonly adapters: readonly StoredAdapter[];
  readonly progress: (message: string) => void;
}): Promise<Figures> => {
  const after = async (count: number): Promise<number> => {
    progress(`memory with ${count} adapters`);
    const { base: folder, threads, rows, setting } = plan;
    const job: MemoryJob = { folder, threads, rows, maxRank: setting.rank, parent: parentOf(adapters), count };
    const file = join(import.meta.dirname, 'memory.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [file, JSON.stringify(job)]);
    return Number(stdout);
  };
  const [one, all] = [await after(1), await after(adapters.length)];
  const files = await bytesIn(adapters[0]!.folder);
  const each = (all - one) / (adapters.length - 1);
  return {
    one_adapter_mb: round(one / 1e6),
    [`${adapters.length}_adapters_mb`]: round(all / 1e6),
    adapter_file_bytes: files,
    adapter_memory_bytes: round(each),
    adapter_memory_ratio: round(each / files, 3),
  };
};

const parentOf = (adapters: readonly StoredAdapter[]): string => join(adapters[0]!.folder, '..');

const bytesIn = async (folder: string): Promise<number> => {
  let bytes = 0;
  for (const name of await readdir(folder)) bytes += (await stat(join(folder, name))).size;
  return bytes;
};
