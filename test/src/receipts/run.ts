import { join } from 'node:path';
import { ReceiptsError } from './command.ts';
import { lineAfter, tamperings } from './tampering/index.ts';
import { lineOf } from './verdict.ts';
import { createVerifier } from './verifier.ts';
import { layWorld } from './world/index.ts';
import { tiny } from './world/version.ts';

export type ReceiptsVerdict = {
  readonly receipts: number;
  /** Receipts, the epoch and the version that were recomputed to the last bit. */
  readonly right: number;
  readonly epochs: number;
  readonly adapters: number;
  /** Kinds of lies, and those that were found and named. */
  readonly tamperings: number;
  readonly found: number;
};

/** @throws ReceiptsError */
export const readReceiptsOptions = (args: readonly string[]): { readonly count: number } => {
  const [flag, value, ...more] = args;
  if (flag === undefined) return { count: 100 };
  if (flag !== '--count' || more.length > 0) throw new ReceiptsError(`${flag} is unknown: there is --count.`);
  const count = Number(value);
  if (!Number.isSafeInteger(count) || count < 8 || count > 10_000) {
    throw new ReceiptsError(`--count is ${value}: it must be a whole number from 8 to 10,000.`);
  }
  return { count };
};

/**
 * So many answers, attributed by a real version, settled and posted on a chain of its own; a database rebuilt from that chain; all
 * of it recomputed; then every kind of lie, one after another.
 */
export const runReceipts = async ({
  count,
  say = () => {},
}: {
  readonly count: number;
  readonly say?: (message: string) => void;
}): Promise<ReceiptsVerdict> => {
  const world = await layWorld({ answers: count, onProgress: say });
  try {
    const { receipt, epoch, adapter, posted } = createVerifier({
      connection: world.ground,
      manifest: world.ground.manifest,
    });
    const ids = await posted();
    const { modelId, version } = world.published;
    const verdicts = [];
    for (const id of ids) verdicts.push(await receipt(id));
    verdicts.push(await epoch(1n), await adapter(modelId, version, { base: join(tiny, 'base'), rows: 16 }));
    for (const verdict of verdicts.slice(-3)) say(lineOf(verdict));
    const wrong = verdicts.filter(({ differences }) => differences.length > 0);
    for (const verdict of wrong) say(lineOf(verdict));
    let found = 0;
    for (const tampering of tamperings) {
      const line = await lineAfter(world, tampering);
      const isFound = line.includes(' is wrong: ') && tampering.names.test(line);
      if (isFound) found += 1;
      say(`${isFound ? 'found' : 'NOT FOUND'}: ${tampering.name}: ${line.slice(0, 200)}`);
    }
    const right = verdicts.length - wrong.length;
    return { receipts: ids.length, right, epochs: 1, adapters: 1, tamperings: tamperings.length, found };
  } finally {
    await world.stop();
  }
};
