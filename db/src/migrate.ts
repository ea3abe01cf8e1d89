import { fileURLToPath } from 'node:url';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as applyFiles } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';

const ours = fileURLToPath(new URL('../migrations', import.meta.url));
const record = { migrationsSchema: 'app_migrations', migrationsTable: 'applied' } as const;
/** One migrating process at a time; the number only has to be ours. */
const lock = 7_163_221;

export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

export type MigrateOptions = {
  /** Told which migrations were applied, if any. */
  readonly onProgress?: (message: string) => void;
  /** Another folder of migrations, for tests. */
  readonly folder?: string;
};

/**
 * Brings the schema `app` of a database up to this code, whole or not at all. Safe to run again, and in several processes
 * at once: the others wait for the first.
 * @throws MigrationError when the database holds migrations that this code does not know
 */
export async function migrate(url: string, { onProgress, folder = ours }: MigrateOptions = {}): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {}, connection: { application_name: 'openledger-migrate' } });
  try {
    await sql`select pg_advisory_lock(${lock})`;
    const known = readMigrationFiles({ migrationsFolder: folder, ...record }).map(({ name }) => name);
    const applied = await appliedNames(sql);
    const unknown = applied.filter((name) => !known.includes(name));
    if (unknown.length > 0) {
      throw new MigrationError(
        `A newer version of the program has used this database: it holds ${unknown.join(', ')}, which this version does not know. Use the newer version, or another database.`,
      );
    }
    const missing = known.filter((name) => !applied.includes(name));
    if (missing.length === 0) return;
    await applyFiles(drizzle({ client: sql }), { migrationsFolder: folder, ...record });
    onProgress?.(`applied ${missing.length} of ${known.length} migrations: ${missing.join(', ')}`);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function appliedNames(sql: postgres.Sql): Promise<readonly string[]> {
  const [found] = await sql<[{ table: string | null }]>`select to_regclass('app_migrations.applied')::text as table`;
  if (found.table === null) return [];
  const rows = await sql<{ name: string }[]>`select name from app_migrations.applied order by name`;
  return rows.map(({ name }) => name);
}
