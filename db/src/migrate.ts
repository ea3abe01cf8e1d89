import { fileURLToPath } from 'node:url';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';

const folder = fileURLToPath(new URL('../migrations', import.meta.url));
const table = { migrationsSchema: 'app_migrations', migrationsTable: 'applied' } as const;
/** One migrating process at a time; the number only has to be ours. */
const lock = 7_163_221;

export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/**
 * Brings the schema `app` of a database up to this code. Safe to run again, and in several processes at once.
 * @throws MigrationError when the database holds migrations that this code does not know.
 */
export async function migrate(
  url: string,
  { onProgress = () => {} }: { onProgress?: (message: string) => void } = {},
): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql`select pg_advisory_lock(${lock})`;
    const known = readMigrationFiles({ migrationsFolder: folder, ...table });
    const before = await appliedCount(sql);
    if (before > known.length) {
      throw new MigrationError(
        `The database has ${before} migrations and this version of the program knows ${known.length}: a newer version has used it. Use that version, or another database.`,
      );
    }
    await applyMigrations(drizzle({ client: sql }), { migrationsFolder: folder, ...table });
    const added = known.length - before;
    if (added > 0) onProgress(`applied ${added} of ${known.length} migrations`);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function appliedCount(sql: postgres.Sql): Promise<number> {
  const [found] = await sql<[{ name: string | null }]>`select to_regclass('app_migrations.applied')::text as name`;
  if (found.name === null) return 0;
  const [row] = await sql<[{ count: number }]>`select count(*)::int as count from app_migrations.applied`;
  return row.count;
}
