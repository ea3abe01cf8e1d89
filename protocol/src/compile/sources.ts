import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, posix } from 'node:path';
import { packageRoot } from './settings.ts';

/** Solidity sources by source unit name (`contracts/Open.sol`, `@openzeppelin/contracts/...`). */
export type Sources = Readonly<Record<string, string>>;

const require = createRequire(import.meta.url);

/** Source unit names of every `.sol` file under `folder` (relative to the package), sorted. */
export async function listSolidity(folder: string): Promise<string[]> {
  const entries = await readdir(join(packageRoot, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.sol'))
    .map((entry) => posix.join(entry.parentPath.slice(packageRoot.length + 1).replaceAll('\\', '/'), entry.name))
    .sort();
}

/**
 * The named source units and everything they import, read from this package and from installed npm packages.
 * An import that cannot be found is left out: the compiler then reports it with the file and line that asked for it.
 */
export async function readSources(units: readonly string[], virtual: Sources = {}): Promise<Sources> {
  const sources: Record<string, string> = {};
  const queue = [...Object.keys(virtual), ...units];
  for (let unit = queue.shift(); unit !== undefined; unit = queue.shift()) {
    if (unit in sources) continue;
    const content = virtual[unit] ?? (await readUnit(unit));
    if (content === undefined) continue;
    sources[unit] = content;
    queue.push(...importsOf(unit, content));
  }
  return Object.fromEntries(Object.entries(sources).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The source unit names that one unit imports, comments ignored. */
export function importsOf(unit: string, content: string): string[] {
  const code = content.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '');
  return Array.from(code.matchAll(/\bimport\b[^;"']*["']([^"'\n]+)["']/g), ([, path = '']) =>
    path.startsWith('.') ? posix.join(posix.dirname(unit), path) : path,
  );
}

async function readUnit(unit: string): Promise<string | undefined> {
  try {
    const file = unit.startsWith('@') ? require.resolve(unit) : join(packageRoot, unit);
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'MODULE_NOT_FOUND' || code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return undefined;
    throw error;
  }
}
