import { once } from 'node:events';
import { countAllocations } from './allocations.ts';
import type { Format } from './format.ts';
import { mutate } from './mutate.ts';

// Reads one file after the other, in a process whose heap is bounded and that can be ended when it hangs.

export type Work = {
  /** The module that exports `formats`. */
  readonly from: string;
  readonly format: string;
  readonly seed: number;
  readonly first: number;
  readonly end: number;
};

/** What became of one file. */
export type Outcome = {
  readonly index: number;
  readonly kind: 'read' | 'refused' | 'fault';
  readonly reason: string;
  readonly milliseconds: number;
  readonly bytes: number;
  readonly fileBytes: number;
};

const [{ from, format: name, seed, first, end }] = (await once(process, 'message')) as [Work];
const { formats } = (await import(from)) as { formats: readonly Format[] };
const format = formats.find((candidate) => candidate.name === name)!;
const seeds = await format.seeds();
// From now on a file is read: a slow start on a busy machine is no fault of a reader.
process.send!('ready');

const readOne = (index: number): Outcome => {
  const file = mutate(format, seeds, seed, index);
  const started = performance.now();
  const { bytes, error } = countAllocations(() => format.read(file));
  const milliseconds = performance.now() - started;
  const facts = { index, milliseconds, bytes, fileBytes: file.length };
  const most = format.mostBytes(file.length);
  if (bytes > most) return { ...facts, kind: 'fault', reason: `allocated ${bytes} bytes for a file of ${file.length}` };
  if (error === undefined) return { ...facts, kind: 'read', reason: '' };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (!format.isRefusal(error)) return { ...facts, kind: 'fault', reason: text };
  return { ...facts, kind: 'refused', reason: (error as Error).message };
};

for (let index = first; index < end; index++) {
  const outcome = readOne(index);
  // Waits until it is said: what was read last must be known when the next file ends the process.
  await new Promise<void>((resolve) => {
    process.send!(outcome, undefined, undefined, () => resolve());
  });
}
process.disconnect();
