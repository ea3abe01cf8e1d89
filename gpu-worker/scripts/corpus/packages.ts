import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CorpusError } from '../../src/corpus/index.ts';
import { isPermissive } from './licences.ts';

export type InstalledPackage = {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** Where its source lives, or its name: packages with one origin share texts, so they stay in one part. */
  readonly origin: string;
  readonly folder: string;
};

const lockfile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      link: z.boolean().optional(),
      optional: z.boolean().optional(),
      os: z.unknown().optional(),
      cpu: z.unknown().optional(),
      libc: z.unknown().optional(),
    }),
  ),
});

const packageJson = z.object({
  license: z.string().catch(''),
  repository: z
    .union([z.string(), z.object({ url: z.string() }).transform(({ url }) => url)])
    .optional()
    .catch(undefined),
});

/**
 * The packages that the lockfile installs on every machine and that may be used, each version once, sorted by name. Those
 * bound to an operating system or processor, and optional ones, are left out, so that the same lockfile gives the same list everywhere.
 *
 * @throws CorpusError when one is not installed.
 */
export const permittedPackages = (root: string): readonly InstalledPackage[] => {
  const { packages } = lockfile.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
  const found = new Map<string, InstalledPackage>();
  for (const [path, entry] of Object.entries(packages)) {
    const name = path.split('node_modules/')[1] === undefined ? undefined : path.split('node_modules/').at(-1)!;
    if (name === undefined || entry.version === undefined || entry.link || entry.optional) continue;
    if (entry.os !== undefined || entry.cpu !== undefined || entry.libc !== undefined) continue;
    const key = keyOf({ name, version: entry.version });
    if (found.has(key)) continue;
    const folder = join(root, path);
    const { license, repository } = readPackage(folder, key);
    if (!isPermissive(license, licenceText(folder))) continue;
    found.set(key, { name, version: entry.version, licence: license, origin: originOf(name, repository), folder });
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, installed]) => installed);
};

/** `name@version`, as the committed list has it. */
export const keyOf = ({ name, version }: { name: string; version: string }): string => `${name}@${version}`;

const readPackage = (folder: string, key: string): z.infer<typeof packageJson> => {
  try {
    return packageJson.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  } catch {
    throw new CorpusError(`${key} of package-lock.json is not in ${folder}; run npm install`);
  }
};

const licenceText = (folder: string): string => {
  const file = readdirSync(folder)
    .sort()
    .find((name) => /^(licen[cs]e|copying)/i.test(name));
  try {
    return file === undefined ? '' : readFileSync(join(folder, file), 'utf8');
  } catch {
    return '';
  }
};

/** `github.com/owner` where it is known: one owner's packages tend to share their texts. */
const originOf = (name: string, repository: string | undefined): string => {
  const owner =
    /github(?:\.com)?[/:]([\w.-]+)\//.exec(repository ?? '')?.[1] ?? /^([\w.-]+)\/[\w.-]+$/.exec(repository ?? '')?.[1];
  return (owner ?? name.split('/')[0]!).toLowerCase();
};
