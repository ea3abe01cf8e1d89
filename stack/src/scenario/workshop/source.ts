import type { Body } from '@openledger/gpu-worker/attribution/version';
import type { Contents } from '../contents.ts';
import { contentNamed } from '../contents.ts';
import type { Lessons } from './messages.ts';

/** A published version of a datanet, as training needs it. */
export type Source = Lessons & {
  readonly datanetId: bigint;
  readonly version: number;
  /** Content hashes of the contributions on either side. */
  readonly trainedOn: readonly string[];
  readonly heldBack: readonly string[];
};

type Listed = { readonly id: string; readonly contentHash: string };

/** A datanet with fewer contributions cannot spare any to be held out. */
const fewest = 6;

/**
 * Reads a version's contributions from what is kept off chain.
 * @param uri where its list is, as `DatanetVersionPublished` names it
 * @returns undefined when there are too few, or not all of it is kept
 */
export async function readSource(
  contents: Contents,
  { datanetId, version, uri, heldOutEvery }: { datanetId: bigint; version: number; uri: string; heldOutEvery: number },
): Promise<Source | undefined> {
  const listed = await readList(contents, uri);
  if (listed === undefined || listed.length < fewest) return undefined;
  const { trainedOn, heldBack } = split(listed, heldOutEvery);
  const [train, heldOut] = await Promise.all([trainedOn, heldBack].map((some) => bodies(contents, some)));
  if (train === undefined || heldOut === undefined) return undefined;
  const hashes = (some: readonly Listed[]) => some.map(({ contentHash }) => contentHash);
  return { datanetId, version, train, heldOut, trainedOn: hashes(trainedOn), heldBack: hashes(heldBack) };
}

/** By the hashes themselves: what is held out of one version is held out of the next. */
function split(
  listed: readonly Listed[],
  every: number,
): { trainedOn: readonly Listed[]; heldBack: readonly Listed[] } {
  const rank = ({ contentHash }: Listed) => Number(BigInt(contentHash) % BigInt(every));
  const lowest = Math.min(...listed.map(rank));
  const heldBack = listed.filter((one) => rank(one) === lowest);
  return { heldBack, trainedOn: listed.filter((one) => rank(one) !== lowest) };
}

async function readList(contents: Contents, uri: string): Promise<readonly Listed[] | undefined> {
  const hash = contentNamed(uri);
  const body = hash === undefined ? undefined : await contents.text(hash);
  if (body === undefined) return undefined;
  return (JSON.parse(body) as { contributions?: readonly Listed[] }).contributions;
}

async function bodies(contents: Contents, listed: readonly Listed[]): Promise<readonly Body[] | undefined> {
  const found: Body[] = [];
  for (const { id, contentHash } of listed) {
    const body = await contents.text(contentHash);
    if (body === undefined) return undefined;
    found.push({ contributionId: BigInt(id), body });
  }
  return found.length === 0 ? undefined : found;
}
