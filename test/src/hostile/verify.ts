import { formats } from './formats.ts';
import { runHostile } from './run.ts';

export type HostileOptions = {
  /** Files of each format. */
  readonly files: number;
  readonly seed: number;
  readonly first: number;
  /** All of them when left out. */
  readonly format?: string;
};

/** A flag that is wrong, in words for who typed it. */
export class HostileOptionsError extends Error {
  override readonly name = 'HostileOptionsError';
}

const names = formats.map(({ name }) => name).join(', ');

/** Reads `--files 10000 --seed 7 --first 120 --format onnx`. @throws HostileOptionsError */
export const readHostileOptions = (flags: readonly string[]): HostileOptions => {
  const numbers = new Map<string, number>();
  let format: string | undefined;
  for (let i = 0; i < flags.length; i += 2) {
    const [flag, value] = [flags[i]!, flags[i + 1] ?? ''];
    if (flag === '--format') {
      if (!formats.some(({ name }) => name === value)) {
        throw new HostileOptionsError(`--format is one of ${names}; ${value || 'nothing'} was given.`);
      }
      format = value;
      continue;
    }
    if (!['--files', '--seed', '--first'].includes(flag)) {
      throw new HostileOptionsError(`${flag} is unknown: there are --files, --seed, --first and --format.`);
    }
    if (!/^\d{1,9}$/.test(value)) throw new HostileOptionsError(`${flag} needs a whole number after it.`);
    numbers.set(flag, Number(value));
  }
  return {
    files: numbers.get('--files') ?? 10_000,
    seed: numbers.get('--seed') ?? Math.floor(Math.random() * 1e9),
    first: numbers.get('--first') ?? 0,
    ...(format !== undefined && { format }),
  };
};

/** Files of strangers, made worse in many ways. @returns figures; `faults` is 0 when each was read or refused as it should. */
export const verifyHostile = async (
  { files, seed, first, format: only }: HostileOptions,
  say: (message: string) => void,
) => {
  let faults = 0;
  const figures: Record<string, unknown> = { files, seed };
  for (const format of formats) {
    if (only !== undefined && format.name !== only) continue;
    say(`${format.name}: ${files} files, seed ${seed}`);
    const onProgress = (done: number) => {
      if (done % 2_500 === 0) say(`${format.name}: ${done} files`);
    };
    const verdict = await runHostile({ format: format.name, files, seed, first, onProgress });
    for (const { index, reason } of verdict.faults.slice(0, 5)) {
      say(`${format.name}: fault at --seed ${seed} --first ${index} --files 1 --format ${format.name}\n${reason}`);
    }
    const { read, refused, reasons, slowestMs } = verdict;
    faults += verdict.faults.length;
    figures[format.name] = { read, refused, reasons, slowest_ms: Math.round(slowestMs), faults: verdict.faults.length };
  }
  return { ...figures, faults };
};
