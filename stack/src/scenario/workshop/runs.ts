import type { Connection } from '@openledger/db';
import { deployment, trainingRun, trainingRunDatanet } from '@openledger/db/app';
import { and, eq, inArray } from 'drizzle-orm';

type Hex = `0x${string}`;

export type NewRun = {
  readonly owner: Hex;
  readonly modelId: bigint;
  /** keccak256 of the base's name. */
  readonly baseModelId: Hex;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly source: { readonly datanetId: bigint; readonly version: number; readonly dataRoot: Hex };
};

/** A training that people can follow while it runs. */
export type Run = {
  /** @param done from 0 to 1 */
  progress(done: number): Promise<void>;
  succeed(adapterHash: Hex, metrics: Readonly<Record<string, number>>): Promise<void>;
  fail(reason: string): Promise<void>;
  cancel(): Promise<void>;
};

/** Trainings as everyone sees them, in `app.training_run`. */
export type Runs = {
  begin(run: NewRun): Promise<Run>;
  /** Ends what an earlier start left running. @param owners lower case */
  cancelLeftovers(owners: readonly Hex[]): Promise<void>;
};

export function createRuns(
  { db }: Pick<Connection, 'db'>,
  { genesisHash, chainId }: { genesisHash: Hex; chainId: bigint },
): Runs {
  return {
    async cancelLeftovers(owners) {
      await db
        .update(trainingRun)
        .set({ state: 'cancelled', endedAt: new Date() })
        .where(
          and(
            eq(trainingRun.genesisHash, genesisHash),
            inArray(trainingRun.owner, [...owners]),
            inArray(trainingRun.state, ['queued', 'running']),
          ),
        );
    },
    async begin({ source, seed, ...run }) {
      await db.insert(deployment).values({ genesisHash, chainId }).onConflictDoNothing();
      const id = await db.transaction(async (tx) => {
        const [row] = await tx
          .insert(trainingRun)
          .values({ ...run, genesisHash, seed: BigInt(seed), state: 'running', startedAt: new Date() })
          .returning({ id: trainingRun.id });
        await tx.insert(trainingRunDatanet).values({ runId: row!.id, ...source });
        return row!.id;
      });
      const change = async (values: Partial<typeof trainingRun.$inferInsert>) => {
        await db.update(trainingRun).set(values).where(eq(trainingRun.id, id));
      };
      return {
        progress: (done) => change({ progressPpm: Math.round(done * 1_000_000) }),
        succeed: (adapterHash, metrics) =>
          change({ state: 'succeeded', progressPpm: 1_000_000, adapterHash, metrics, endedAt: new Date() }),
        cancel: () => change({ state: 'cancelled', endedAt: new Date() }),
        fail: (error) => change({ state: 'failed', error, endedAt: new Date() }),
      };
    },
  };
}
