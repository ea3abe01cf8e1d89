import { fork } from 'node:child_process';
import type { Outcome, Work } from './child.ts';

export type Fault = Pick<Outcome, 'index' | 'reason'>;

export type Verdict = {
  readonly files: number;
  readonly read: number;
  readonly refused: number;
  /** How many ways of refusing there were, names and numbers left out. */
  readonly reasons: number;
  readonly slowestMs: number;
  readonly faults: readonly Fault[];
};

export type RunOptions = {
  /** The name of the format. */
  readonly format: string;
  /** The module that exports it among its `formats`. */
  readonly from?: URL;
  readonly files: number;
  readonly seed: number;
  /** The number of the first file. */
  readonly first?: number;
  /** Milliseconds that one file may take, on a machine that has much else to do. */
  readonly patience?: number;
  readonly onProgress?: (done: number) => void;
};

/** Milliseconds to start a process and to load the files that it begins with. */
const patienceAtStart = 600_000;

/** Megabytes of the heap in which files are read; a file that needs more ends the process, which is a fault. */
const heapMb = 256;

/** Reads so many files that were made worse. What crashes or hangs is a fault, and the next file is read nevertheless. */
export const runHostile = async ({
  format,
  from = new URL('./formats.ts', import.meta.url),
  files,
  seed,
  first = 0,
  patience = 60_000,
  onProgress = () => {},
}: RunOptions): Promise<Verdict> => {
  const end = first + files;
  const faults: Fault[] = [];
  const reasons = new Set<string>();
  let [read, refused, slowestMs] = [0, 0, 0];
  const take = ({ index, kind, reason, milliseconds }: Outcome): void => {
    slowestMs = Math.max(slowestMs, milliseconds);
    if (kind === 'read') read++;
    if (kind === 'refused') {
      refused++;
      reasons.add(withoutNames(reason));
    }
    if (kind === 'fault') faults.push({ index, reason });
    onProgress(index + 1 - first);
  };
  for (let next = first; next < end; ) {
    const broken = await readUntilBroken({ from: from.href, format, seed, first: next, end }, patience, take);
    if (broken === undefined) break;
    faults.push(broken);
    next = broken.index + 1;
  }
  return { files, read, refused, reasons: reasons.size, slowestMs, faults };
};

/** @returns the file at which the process crashed or hung; `undefined` when all were read. */
const readUntilBroken = async (
  work: Work,
  patience: number,
  take: (outcome: Outcome) => void,
): Promise<Fault | undefined> => {
  const child = fork(new URL('./child.ts', import.meta.url), {
    execArgv: [`--max-old-space-size=${heapMb}`],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let next = work.first;
  let deadline = Date.now() + patienceAtStart;
  let isHung = false;
  let said = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-10_000);
  });
  child.on('message', (outcome: Outcome | 'ready') => {
    deadline = Date.now() + patience;
    if (outcome === 'ready') return;
    next = outcome.index + 1;
    take(outcome);
  });
  child.send(work);
  const watch = setInterval(() => {
    isHung = Date.now() > deadline;
    if (isHung) child.kill('SIGKILL');
  }, 250);
  const ending = await new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  clearInterval(watch);
  if (isHung) return { index: next, reason: `it was not read within ${patience / 1_000} s` };
  const error = /^(FATAL ERROR|\w*Error): .*$/m.exec(said)?.[0] ?? '';
  return ending === 0 ? undefined : { index: next, reason: `the process ended with ${ending}: ${error}` };
};

const withoutNames = (reason: string): string =>
  reason
    .replace(/^.*?: /, '')
    .replace(/\d+/g, '0')
    .slice(0, 40);
