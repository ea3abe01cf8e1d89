/** Migrates the database at DATABASE_URL: `npm run -w db migrate`. */
import { readConfig } from './config.ts';
import { migrate } from './migrate.ts';
import { checkServer } from './server/index.ts';

try {
  const { databaseUrl } = readConfig(process.env);
  if (databaseUrl === undefined) {
    throw new Error(
      'DATABASE_URL is missing: a Postgres URL such as postgres://user:password@127.0.0.1:5432/openledger',
    );
  }
  await checkServer(databaseUrl);
  await migrate(databaseUrl, { onProgress: (message) => console.log(message) });
  console.log('The schema app is up to date. Next: start the indexer.');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
