import { readFile } from 'node:fs/promises';
import { buildSchema } from 'graphql';
import { describeFaults, fuzz } from './operations/run.ts';
import { openPlace } from './place.ts';

export type OperationOptions = { readonly operations: number; readonly seed: number };

/** A flag that is wrong, in words for who typed it. */
export class OperationOptionsError extends Error {
  override readonly name = 'OperationOptionsError';
}

/** Reads `--operations 100000 --seed 7`; 100,000 and a new seed without them. @throws OperationOptionsError */
export function readOperationOptions(flags: readonly string[]): OperationOptions {
  const given = new Map<string, number>();
  for (let i = 0; i < flags.length; i += 2) {
    const [flag, value] = [flags[i]!, flags[i + 1] ?? ''];
    if (flag !== '--operations' && flag !== '--seed') {
      throw new OperationOptionsError(`${flag} is unknown: there are --operations and --seed.`);
    }
    if (!/^\d{1,9}$/.test(value)) throw new OperationOptionsError(`${flag} needs a whole number after it.`);
    given.set(flag, Number(value));
  }
  return {
    operations: given.get('--operations') ?? 100_000,
    seed: given.get('--seed') ?? Math.floor(Math.random() * 1e9),
  };
}

/** Sends generated operations to an API of its own. @returns figures; `faults` is 0 when all went well. */
export async function verifyOperations({ operations, seed }: OperationOptions, say: (message: string) => void) {
  const schema = buildSchema(await readFile(new URL('../../../api/schema.graphql', import.meta.url), 'utf8'));
  const place = await openPlace();
  try {
    say(`an API over a small world; seed ${seed}`);
    const { url, token } = place;
    const onProgress = (done: number) => {
      if (done % 10_000 === 0) say(`${done} operations`);
    };
    const outcome = await fuzz({ url, token, schema, seed, count: operations, concurrency: 8, onProgress });
    if (outcome.faults.length > 0) say(describeFaults(seed, outcome.faults));
    const { answered, refused, slowestMs, faults } = outcome;
    return { operations, seed, answered, refused, slowest_ms: Math.round(slowestMs), faults: faults.length };
  } finally {
    await place.stop();
  }
}
