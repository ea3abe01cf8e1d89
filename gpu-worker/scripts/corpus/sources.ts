import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Source } from '../../src/corpus/index.ts';
import { type InstalledPackage, keyOf } from './packages.ts';

/** The committed list: a package that is installed later changes no corpus. */
const file = resolve(import.meta.dirname, 'sources.json');

const list = z.array(z.object({ name: z.string(), version: z.string(), part: z.string() }));

export type Chosen = {
  readonly packages: readonly InstalledPackage[];
  /** The part of each by `name@version`: no package changes sides because another one did. */
  readonly parts: ReadonlyMap<string, string>;
  /** `name@version` of those on the list that are not installed here. */
  readonly missing: readonly string[];
};

/** Of the packages that may be used, those on the committed list. */
export const listedOf = (permitted: readonly InstalledPackage[]): Chosen => {
  const parts = new Map(list.parse(JSON.parse(readFileSync(file, 'utf8'))).map((one) => [keyOf(one), one.part]));
  const packages = permitted.filter((installed) => parts.has(keyOf(installed)));
  const here = new Set(packages.map(keyOf));
  return { packages, parts, missing: [...parts.keys()].filter((key) => !here.has(key)) };
};

/** Writes the list anew: name, version and licence of each package that gave text, and the part it is in. */
export const writeList = (sources: readonly Source[]): void => {
  const lines = sources.map(({ name, version, licence, part }) => JSON.stringify({ name, version, licence, part }));
  writeFileSync(file, `[\n${lines.join(',\n')}\n]\n`);
};
