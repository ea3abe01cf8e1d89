import { join } from 'node:path';
import postgres from 'postgres';
import type { Config } from '../config.ts';
import { startEmbeddedPostgres } from './embedded.ts';
import { codeOf, DatabaseError } from './errors.ts';
import { probe } from './probe.ts';

/** A database that answers, and how to let go of it. */
export type DatabaseServer = {
  readonly url: string;
  /** Whether the server is the embedded one, started for this connection or shared with the process that did. */
  readonly embedded: boolean;
  /** Resolves if the embedded server ends, stopped or crashed; never for a server of one's own. */
  readonly ended: Promise<void>;
  readonly stop: () => Promise<void>;
};

/** The oldest server whose SQL this project uses. */
const OLDEST_MAJOR = 15;

/**
 * The database the configuration names, checked, or else the embedded server in the state folder.
 * @throws DatabaseError with the problem and the remedy, and never the password
 */
export async function connectionFor(config: Config, onProgress?: (message: string) => void): Promise<DatabaseServer> {
  if (config.databaseUrl !== undefined) {
    await checkServer(config.databaseUrl);
    return { url: config.databaseUrl, embedded: false, ended: new Promise(() => {}), stop: async () => {} };
  }
  const dataDir = join(config.stateDir, 'postgres');
  const server = await startEmbeddedPostgres({ dataDir, port: config.port, ...(onProgress && { onProgress }) });
  return { url: server.url, embedded: true, ended: server.ended, stop: server.stop };
}

/** Checks that the server answers, is new enough, and lets this user make schemas in the database. */
export async function checkServer(url: string): Promise<void> {
  await checkPresence(url);
  const sql = postgres(url, { max: 1, connect_timeout: 10, onnotice: () => {}, fetch_types: false });
  try {
    const [found] = await sql<{ version: number; mayCreate: boolean }[]>`
      select current_setting('server_version_num')::int as version,
             has_database_privilege(current_database(), 'CREATE') as "mayCreate"`;
    checkRights(url, found?.version ?? 0, found?.mayCreate ?? false);
  } catch (error) {
    throw error instanceof DatabaseError ? error : refusal(url, error);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function checkPresence(url: string): Promise<void> {
  const { server, host, port } = partsOf(url);
  const found = await probe(host.replace(/^\[|\]$/g, ''), Number(port));
  if (found.kind === 'nothing') {
    throw new DatabaseError(
      'server-unreachable',
      `Nothing answers at ${server}, the server in DATABASE_URL (${found.code}). Check the host and port, that the server runs, and that it accepts connections from this machine; or unset DATABASE_URL to use the embedded one.`,
    );
  }
  if (found.kind === 'other') {
    throw new DatabaseError(
      'not-postgres',
      `What answers at ${server}, the server in DATABASE_URL, is not Postgres. Check the host and port, or unset DATABASE_URL to use the embedded one.`,
    );
  }
}

/** @param version as in `server_version_num`: 150004 is 15.4 */
export function checkRights(url: string, version: number, mayCreate: boolean): void {
  const { server, user, database } = partsOf(url);
  const major = Math.floor(version / 10_000);
  if (major < OLDEST_MAJOR) {
    throw new DatabaseError(
      'server-too-old',
      `The server ${server} in DATABASE_URL is Postgres ${major}; Postgres ${OLDEST_MAJOR} or newer is needed. Upgrade it, name another, or unset DATABASE_URL to use the embedded one.`,
    );
  }
  if (!mayCreate) {
    throw new DatabaseError(
      'may-not-create',
      `User "${user}" in DATABASE_URL may not create schemas in database "${database}". As its owner, run: GRANT CREATE ON DATABASE "${database}" TO "${user}";`,
    );
  }
}

function refusal(url: string, error: unknown): DatabaseError {
  const { server, host, port, user, database } = partsOf(url);
  const code = codeOf(error) ?? String(error);
  const options = { cause: error };
  // 28P01 invalid_password, 28000 invalid_authorization_specification
  if (code === '28P01' || code === '28000') {
    return new DatabaseError(
      'login-refused',
      `The server ${server} refused user "${user}". Check the user and password in DATABASE_URL; special characters in the password must be percent-encoded.`,
      options,
    );
  }
  // 3D000 invalid_catalog_name
  if (code === '3D000') {
    return new DatabaseError(
      'database-missing',
      `The server ${server} has no database "${database}", which DATABASE_URL names. Make it with: createdb -h ${host} -p ${port} -U ${user} ${database}`,
      options,
    );
  }
  return new DatabaseError(
    'connection-failed',
    `The server ${server} in DATABASE_URL did not accept the connection: ${error instanceof Error ? error.message : code}.`,
    options,
  );
}

/** The parts of a URL that may be shown. */
function partsOf(url: string) {
  const { hostname: host, port: given, username, pathname } = new URL(url);
  const port = given === '' ? '5432' : given;
  const user = decodeURIComponent(username);
  return { server: `${host}:${port}`, host, port, user, database: decodeURIComponent(pathname.slice(1)) };
}
