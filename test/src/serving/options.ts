export type ServingOptions = {
  readonly requests: number;
  readonly adapters: number;
  readonly kills: number;
  readonly seed: number;
};

/** A flag that is wrong, in words for who typed it. */
export class ServingOptionsError extends Error {
  override readonly name = 'ServingOptionsError';
}

const known = ['--requests', '--adapters', '--kills', '--seed'];

/** Reads `--requests 10000 --adapters 1000 --kills 2 --seed 7`. @throws ServingOptionsError */
export const readServingOptions = (flags: readonly string[]): ServingOptions => {
  const numbers = new Map<string, number>();
  for (let i = 0; i < flags.length; i += 2) {
    const [flag, value] = [flags[i]!, flags[i + 1] ?? ''];
    if (!known.includes(flag)) throw new ServingOptionsError(`${flag} is unknown: there are ${known.join(', ')}.`);
    if (!/^\d{1,9}$/.test(value)) throw new ServingOptionsError(`${flag} needs a whole number after it.`);
    numbers.set(flag, Number(value));
  }
  const adapters = numbers.get('--adapters') ?? 1_000;
  if (adapters < 1) throw new ServingOptionsError('--adapters is 1 at least.');
  return {
    requests: numbers.get('--requests') ?? 10_000,
    adapters,
    kills: numbers.get('--kills') ?? 2,
    seed: numbers.get('--seed') ?? Math.floor(Math.random() * 1e9),
  };
};
