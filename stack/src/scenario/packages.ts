import { type Dirent, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join, relative } from 'node:path';
import { z } from 'zod';

/** An installed npm package whose licence is known. */
export type InstalledPackage = {
  readonly name: string;
  readonly version: string;
  /** Names of its true authors, never their addresses. */
  readonly authors: readonly string[];
  /** SPDX licence expression. */
  readonly licence: string;
  readonly repository: string | undefined;
  /** Absolute folder. */
  readonly folder: string;
  /** Installed inside another package: as a rule an older copy of a package that also stands at the top. */
  readonly nested: boolean;
};

const person = z.union([
  z.string().transform((text) => text.replace(/[<(].*$/s, '').trim()),
  z.object({ name: z.string() }).transform(({ name }) => name.trim()),
]);
const people = z.union([z.array(person.catch('')), person.transform((one) => [one])]).catch([]);

const packageJson = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  license: z.string().regex(/^[A-Za-z0-9.+() -]+$/),
  author: people.optional(),
  contributors: people.optional(),
  maintainers: people.optional(),
  repository: z
    .union([z.string(), z.object({ url: z.string() }).transform(({ url }) => url)])
    .catch('')
    .optional(),
});

const unknownLicence = /^(UNLICENSED|SEE LICEN[CS]E)/i;

/** Every installed package with a known licence, sorted by folder; links to workspace packages are left out. */
export function installedPackages(nodeModules: string): readonly InstalledPackage[] {
  const root = realpathSync(nodeModules);
  const found: InstalledPackage[] = [];
  const visit = (folder: string, nested: boolean) => {
    for (const entry of folders(folder)) {
      if (entry.startsWith('.')) continue;
      if (entry.startsWith('@')) {
        for (const scoped of folders(join(folder, entry))) add(join(folder, entry, scoped), nested);
      } else add(join(folder, entry), nested);
    }
  };
  const add = (folder: string, nested: boolean) => {
    const read = readPackage(folder, nested);
    if (read !== undefined) found.push(read);
    if (!nested) visit(join(folder, 'node_modules'), true);
  };
  visit(root, false);
  return found.sort((a, b) => order(relative(root, a.folder), relative(root, b.folder)));
}

function readPackage(folder: string, nested: boolean): InstalledPackage | undefined {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  } catch {
    return undefined;
  }
  const parsed = packageJson.safeParse(json);
  if (!parsed.success || unknownLicence.test(parsed.data.license)) return undefined;
  const { name, version, license, author = [], contributors = [], maintainers = [], repository } = parsed.data;
  const named = [author, contributors, maintainers].find((list) => list.some((each) => each !== '')) ?? [];
  const authors = named.filter((each) => each !== '');
  return {
    name,
    version,
    authors: authors.length > 0 ? authors : [`the authors of ${name}`],
    licence: license,
    repository: repository === '' ? undefined : repository,
    folder,
    nested,
  };
}

/** Names of the real (not linked) folders in a folder; none when it does not exist. */
function folders(folder: string): readonly string[] {
  return entries(folder)
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

/** Paths of the files below a folder whose path matches, relative to it, sorted; node_modules inside is not entered. */
export function filesOf(folder: string, pattern: RegExp, depth = 4): readonly string[] {
  const found: string[] = [];
  const walk = (inside: string, left: number) => {
    for (const entry of entries(join(folder, inside))) {
      const path = inside === '' ? entry.name : `${inside}/${entry.name}`;
      if (entry.isFile() && pattern.test(path)) found.push(path);
      if (entry.isDirectory() && left > 0 && entry.name !== 'node_modules') walk(path, left - 1);
    }
  };
  walk('', depth);
  return found.sort(order);
}

function entries(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** The same order on every machine, whatever its locale. */
export function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
