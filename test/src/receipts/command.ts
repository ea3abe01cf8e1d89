import { fileURLToPath } from 'node:url';
import { createDatabase } from '@openledger/db';
import type { Hex } from '@openledger/protocol';
import { type Manifest, ManifestError, readManifest } from '@openledger/protocol/deploy';
import { lineOf, type Verdict } from './verdict.ts';
import { createVerifier, type Verifier } from './verifier.ts';

/** Arguments or an environment that say nothing to verify; the message says what would be right. */
export class ReceiptsError extends Error {
  override readonly name = 'ReceiptsError';
}

export const subjects = ['receipt', 'epoch', 'adapter'] as const;
export type Subject = (typeof subjects)[number];

export type Command = {
  readonly what: Subject;
  /** What a verifier finds of it. */
  readonly verify: (verifier: Verifier) => Promise<Verdict>;
  readonly databaseUrl: string;
  readonly manifest: Manifest;
};

const shippedBase = fileURLToPath(new URL('../../../gpu-worker/base', import.meta.url));

const usage: Readonly<Record<Subject, string>> = {
  receipt: 'npm run verify -- receipt <requestId>, 0x and 64 hexadecimal digits',
  epoch: 'npm run verify -- epoch <number>',
  adapter:
    'npm run verify -- adapter <modelId> <version>, with --base <folder> and --rows <number> where the base is not the one that is shipped, or other than 16 gradients are to be computed anew',
};

/**
 * What somebody asks to verify, of a deployment that is running.
 * @throws ReceiptsError
 */
export const readCommand = async (what: Subject, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Command> => {
  const verify = verifyOf(what, args);
  const { DATABASE_URL: databaseUrl, CONTRACTS_FILE } = env;
  if (!databaseUrl || !CONTRACTS_FILE) {
    const missing = [
      ...(databaseUrl ? [] : ['DATABASE_URL is missing: the URL of the Postgres with the index and the contents']),
      ...(CONTRACTS_FILE ? [] : ['CONTRACTS_FILE is missing: the path of the deployment’s manifest']),
    ];
    throw new ReceiptsError(missing.join('\n'));
  }
  if (!/^postgres(ql)?:\/\//.test(databaseUrl)) throw new ReceiptsError('DATABASE_URL must begin with postgres://');
  const manifest = await readManifest(CONTRACTS_FILE).catch((error: unknown) => {
    if (error instanceof ManifestError) throw new ReceiptsError(`CONTRACTS_FILE ${error.message}`, { cause: error });
    throw error;
  });
  return { what, verify, databaseUrl, manifest };
};

const verifyOf = (what: Subject, args: readonly string[]): Command['verify'] => {
  const wrong = () => new ReceiptsError(`${args.join(' ') || 'Nothing'} is no ${what}: ${usage[what]}`);
  const [first = '', second = '', ...flags] = args;
  if (what === 'receipt') {
    if (!/^0x[0-9a-f]{64}$/i.test(first) || args.length > 1) throw wrong();
    return ({ receipt }) => receipt(first.toLowerCase() as Hex);
  }
  if (!/^\d{1,20}$/.test(first)) throw wrong();
  if (what === 'epoch') {
    if (args.length > 1) throw wrong();
    return ({ epoch }) => epoch(BigInt(first));
  }
  if (!/^\d{1,9}$/.test(second)) throw wrong();
  const given = { '--base': shippedBase, '--rows': '16' };
  for (let at = 0; at < flags.length; at += 2) {
    const [name, value] = [flags[at]!, flags[at + 1]];
    if (!(name in given) || value === undefined) throw wrong();
    given[name as keyof typeof given] = value;
  }
  const rows = Number(given['--rows']);
  if (!Number.isSafeInteger(rows) || rows < 1) throw wrong();
  return ({ adapter }) => adapter(BigInt(first), Number(second), { base: given['--base'], rows });
};

/** Verifies it, and says what came of it in one line. @returns whether it is right. @throws ReceiptsError when nothing is indexed */
export const runCommand = async (
  { verify, databaseUrl, manifest }: Command,
  say: (line: string) => void,
): Promise<boolean> => {
  const connection = createDatabase({ url: databaseUrl, max: 2 });
  try {
    const verdict = await verify(createVerifier({ connection, manifest }));
    say(lineOf(verdict));
    return verdict.differences.length === 0;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code === '42P01' || error.code === '3F000') {
      throw new ReceiptsError('DATABASE_URL: nothing is indexed there yet, or it keeps no contents.', { cause: error });
    }
    throw new ReceiptsError(`DATABASE_URL: ${error.message || error.code}`, { cause: error });
  } finally {
    await connection.close();
  }
};
