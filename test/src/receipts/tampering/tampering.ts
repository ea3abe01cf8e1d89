import { join } from 'node:path';
import { createDatabase } from '@openledger/db';
import { createVerifier, lineOf } from '../index.ts';
import type { World } from '../world/index.ts';
import { tiny } from '../world/version.ts';
import { openScene, type Scene } from './scene.ts';

/** Something made wrong on purpose, consistent in all else: the verdict on its subject must name it. */
export type Tampering = {
  readonly name: string;
  readonly of: 'receipt' | 'epoch' | 'adapter';
  /** What the line says of it. */
  readonly names: RegExp;
  readonly apply: (scene: Scene) => PromiseLike<unknown>;
};

/** Makes it wrong in a transaction that leaves no trace. @returns the line that the verifier says */
export const lineAfter = async (world: World, { of, apply }: Tampering): Promise<string> => {
  const { place, manifest } = world.ground;
  const connection = createDatabase({ url: place.databaseUrl, max: 1 });
  const { sql } = connection;
  try {
    await sql.unsafe('begin');
    const scene = await openScene(connection, world);
    await apply(scene);
    const verifier = createVerifier({ connection, manifest });
    const { modelId, version } = world.published;
    if (of === 'receipt') return lineOf(await verifier.receipt(scene.entry.receipt.requestId));
    if (of === 'epoch') return lineOf(await verifier.epoch(1n));
    return lineOf(await verifier.adapter(modelId, version, { base: join(tiny, 'base'), rows: 8 }));
  } finally {
    await sql.unsafe('rollback');
    await connection.close();
  }
};
