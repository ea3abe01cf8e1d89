import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Hex } from '@openledger/protocol';
import { adapterHash, configFile, tensorsFile } from '../../lora/index.ts';

export type Revision = { readonly hash: Hex; readonly uri: string; readonly folder: string };

/** Adapters of the same tensors whose hashes differ, since their configs name different revisions, or whatever is changed. */
export const writeRevisions = async (
  from: string,
  into: string,
  count: number,
  changes: (n: number) => object = () => ({}),
): Promise<readonly Revision[]> => {
  const config = JSON.parse(await readFile(join(from, configFile), 'utf8'));
  return Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const folder = join(into, `revision-${n}`);
      await mkdir(folder, { recursive: true });
      await cp(join(from, tensorsFile), join(folder, tensorsFile));
      await writeFile(join(folder, configFile), JSON.stringify({ ...config, revision: `${n}`, ...changes(n) }));
      return { hash: await adapterHash(folder), uri: pathToFileURL(folder).href, folder };
    }),
  );
};
