import { documentOf } from '@openledger/gpu-worker/attribution/examples';
import type { Contents } from '../contents.ts';
import { contentNamed } from '../contents.ts';
import { readRows } from '../reviewer.ts';

import { recipe } from './recipe.ts';

/** A published version of a datanet, as training needs it. */
export type Source = {
  readonly datanetId: bigint;
  readonly version: number;
  /** Documents of contributions to learn from, and of those that are held out. */
  readonly train: readonly string[];
  readonly heldOut: readonly string[];
  /** Content hashes of the contributions on either side. */
  readonly trainedOn: readonly string[];
  readonly heldBack: readonly string[];
};

/** A datanet with fewer contributions cannot spare any to be held out. */
const fewest = 6;

/**
 * Reads a version's contributions from what is kept off chain.
 * @param uri where its list is, as `DatanetVersionPublished` names it
 * @returns undefined when there are too few, or not all of it is kept
 */
export async function readSource(
  contents: Contents,
  { datanetId, version, uri }: { datanetId: bigint; version: number; uri: string },
): Promise<Source | undefined> {
  const hashes = await readList(contents, uri);
  if (hashes === undefined || hashes.length < fewest) return undefined;
  const { trainedOn, heldBack } = split(hashes);
  const [train, heldOut] = await Promise.all([trainedOn, heldBack].map((some) => documents(contents, some)));
  if (train === undefined || heldOut === undefined) return undefined;
  return { datanetId, version, train, heldOut, trainedOn, heldBack };
}

/** By the hashes themselves: what is held out of one version is held out of the next. */
function split(hashes: readonly string[]): { trainedOn: readonly string[]; heldBack: readonly string[] } {
  const rank = (hash: string) => Number(BigInt(hash) % BigInt(recipe.heldOutEvery));
  const lowest = Math.min(...hashes.map(rank));
  const heldBack = hashes.filter((hash) => rank(hash) === lowest);
  return { heldBack, trainedOn: hashes.filter((hash) => rank(hash) !== lowest) };
}

async function readList(contents: Contents, uri: string): Promise<readonly string[] | undefined> {
  const hash = contentNamed(uri);
  const body = hash === undefined ? undefined : await contents.text(hash);
  if (body === undefined) return undefined;
  const list = JSON.parse(body) as { contributions?: readonly { contentHash: string }[] };
  return list.contributions?.map(({ contentHash }) => contentHash);
}

async function documents(contents: Contents, hashes: readonly string[]): Promise<readonly string[] | undefined> {
  const found: string[] = [];
  for (const hash of hashes) {
    const rows = readRows(await contents.text(hash));
    if (rows === undefined) return undefined;
    found.push(...rows.map(documentOf));
  }
  return found.length === 0 ? undefined : found;
}
