import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContractName } from '../abi/contracts.ts';
import { contractNames } from '../abi/index.ts';
import { type Artifact, type Compilation, CompileError, compile } from './compile.ts';
import { compilerSettings, compilerVersion, packageRoot } from './settings.ts';
import { listSolidity, readSources } from './sources.ts';

/** OpenZeppelin contracts that are deployed as they are. */
const deployedAsTheyAre = ['@openzeppelin/contracts/governance/TimelockController.sol'];
const cacheFolder = join(packageRoot, 'artifacts');
/** Compilations nobody has written for this long are removed. */
const dayMs = 86_400_000;

export type Artifacts = Readonly<Record<ContractName, Artifact>>;

/**
 * Every contract that is deployed, compiled from the sources as they are now, or read from the cache when nothing changed.
 * @throws CompileError with file and line when the sources do not compile, or naming a contract that they no longer hold.
 */
export async function loadArtifacts(): Promise<Artifacts> {
  const { artifacts } = await compileContracts();
  const missing = contractNames.filter((name) => artifacts[name] === undefined);
  if (missing.length > 0) {
    throw new CompileError([
      `contracts/: no contract ${missing.join(', ')}; \`npm run -w protocol generate\` renews the list\n`,
    ]);
  }
  return artifacts as Artifacts;
}

/** Everything under `contracts/` except the test harness, with the OpenZeppelin contracts deployed as they are. */
export async function compileContracts(): Promise<Compilation> {
  const units = (await listSolidity('contracts')).filter((unit) => !unit.startsWith('contracts/harness/'));
  return compileCached([...units, ...deployedAsTheyAre]);
}

/** The contracts of `contracts/harness/`, which only tests deploy. */
export async function loadHarness(): Promise<Readonly<Record<string, Artifact>>> {
  return (await compileCached(await listSolidity('contracts/harness'))).artifacts;
}

/**
 * Compiles `units` unless `folder` holds the same sources, settings and compiler version compiled before. Safe in several
 * processes at once.
 */
export async function compileCached(units: readonly string[], folder = cacheFolder): Promise<Compilation> {
  const sources = await readSources(units);
  const key = createHash('sha256')
    .update(JSON.stringify([compilerVersion, compilerSettings, units, sources]))
    .digest('hex');
  const file = join(folder, `${key.slice(0, 32)}.json`);
  const cached = await readFile(file, 'utf8').catch(() => undefined);
  if (cached !== undefined) return JSON.parse(cached);

  const compilation = await compile(sources, units);
  await mkdir(folder, { recursive: true });
  // Written aside and renamed: a reader sees the whole file or none.
  const partial = join(folder, `${randomUUID()}.partial`);
  await writeFile(partial, JSON.stringify(compilation));
  await rename(partial, file);
  await removeOld(folder);
  return compilation;
}

async function removeOld(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    // Another process may remove it first.
    const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > dayMs) await rm(file, { force: true });
  }
}
