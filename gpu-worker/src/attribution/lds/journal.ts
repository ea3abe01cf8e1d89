import { open, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { LdsError } from './errors.ts';

// JSON Lines: {"retrainings": hash}, then one line for each retraining that is done. Only a last line can be cut off.

const header = z.strictObject({ retrainings: z.string() });
const entry = z.strictObject({ subset: z.int().min(0), seed: z.int(), losses: z.array(z.number()) });

export type Retraining = z.output<typeof entry>;

export type Journal = {
  readonly done: readonly Retraining[];
  /** Resolves when it is on disk. */
  add: (retraining: Retraining) => Promise<void>;
  close: () => Promise<void>;
};

/**
 * A file of retrainings that are done, to go on from; without a file, none are kept.
 *
 * @throws LdsError when the file is of other retrainings, or is none.
 */
export const openJournal = async (file: string | undefined, hash: string): Promise<Journal> => {
  if (file === undefined) return { done: [], add: async () => {}, close: async () => {} };
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const [first, ...lines] = whole.split('\n').slice(0, -1);
  const known = first === undefined ? hash : header.safeParse(parsed(first)).data?.retrainings;
  if (known !== hash) {
    throw new LdsError(
      `${file} ${known === undefined ? 'holds no retrainings' : 'holds retrainings of other rows, options or weights'}. ` +
        'Name another file, or delete this one to begin anew',
    );
  }
  const done = lines.map((line, at) => {
    const one = entry.safeParse(parsed(line));
    if (!one.success) throw new LdsError(`${file}: line ${at + 2} is no retraining: ${z.prettifyError(one.error)}`);
    return one.data;
  });
  const handle = await open(file, 'a');
  await handle.truncate(Buffer.byteLength(whole));
  const write = async (line: unknown): Promise<void> => {
    await handle.appendFile(`${JSON.stringify(line)}\n`);
    await handle.datasync();
  };
  if (first === undefined) await write({ retrainings: hash } satisfies z.input<typeof header>);
  return { done, add: write, close: () => handle.close() };
};

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};
