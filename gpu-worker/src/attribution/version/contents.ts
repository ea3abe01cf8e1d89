import { type Database, getContent, putContents, type Sql } from '@openledger/db';
import type { NewFile, ReadFile } from './files.ts';
import { readContributions, readOnChain } from './onChain.ts';
import { openVersion } from './openVersion.ts';
import type { VersionData } from './versionData.ts';

/** Files of a database's content store. */
export const readContent =
  (db: Database): ReadFile =>
  async (hash) =>
    (await getContent(db, hash))?.body ?? undefined;

/** Keeps files in a database's content store. */
export const keepFiles = async (db: Database, files: readonly NewFile[]): Promise<void> => {
  // One at a time: a statement with several of 128 MiB would be larger than it need be.
  for (const { mediaType, body } of files) await putContents(db, [{ mediaType, body }]);
};

/**
 * A version as the index and the content store of this database have it.
 *
 * @throws VersionError as `openVersion`.
 */
export const findVersion = async (
  { db, sql }: { readonly db: Database; readonly sql: Sql },
  modelId: bigint,
  version: number,
): Promise<VersionData> =>
  openVersion({
    read: readContent(db),
    onChain: await readOnChain(sql, modelId, version),
    contributionsOf: (ids) => readContributions(sql, ids),
  });
