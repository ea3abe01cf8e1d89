import type { ApiContext } from '../context.ts';
import type { FieldsOf } from '../schema/entity.ts';
import { unixNow } from '../time.ts';

export type Schedule = {
  readonly allocation: bigint;
  /** Unix seconds, as the others. */
  readonly cliff: bigint;
  readonly end: bigint;
};

/** Wei that a wallet has set free by a moment: nothing before the cliff, everything from the end, evenly between. */
export function vestedAt({ allocation, cliff, end }: Schedule, at: bigint): bigint {
  if (at < cliff) return 0n;
  if (at >= end) return allocation;
  return (allocation * (at - cliff)) / (end - cliff);
}

/** The time of the last block indexed: what amounts that grow with time are counted to. */
export async function indexedTime({ status }: ApiContext): Promise<bigint> {
  return (await status()).own?.indexed?.timestamp ?? unixNow();
}

const columns = { allocation: true, cliff: true, end: true, released: true } as const;
type Row = Schedule & { readonly released: bigint };

export const vestedFields: FieldsOf<'vestingWallet'> = (t) => {
  const at = t.arg({ type: 'DateTime', description: 'When; the time of the last block indexed when left out.' });
  return {
    vested: t.field({
      type: 'BigInt',
      description: 'Wei of OPEN that are free by then, paid out or not.',
      args: { at },
      select: { columns },
      resolve: async (row, { at }, context) => vestedAt(row as Row, at ?? (await indexedTime(context))),
    }),
    releasable: t.field({
      type: 'BigInt',
      description: 'Wei of OPEN that could be paid out then: free, and not paid out yet.',
      args: { at },
      select: { columns },
      resolve: async (row, { at }, context) => {
        const free = vestedAt(row as Row, at ?? (await indexedTime(context))) - (row as Row).released;
        return free < 0n ? 0n : free;
      },
    }),
  };
};
