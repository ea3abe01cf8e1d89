import { datanetTree, type Hex } from '@openledger/protocol';
import {
  type Contents,
  contentUri,
  installedNodeModules,
  jsonContent,
  openLibrary,
  type Text,
  themes,
} from '@openledger/stack/texts';
import { type Recipe, readSource } from '@openledger/stack/workshop';
import { id, ZeroHash } from 'ethers';
import { castPlayer } from '../../drive/cast.ts';
import type { Player, Session } from '../../drive/session.ts';

const [owner, ...contributors] = (['dave', 'alice', 'bob', 'carol'] as const).map(castPlayer);

/** Contributions of all contributors together. */
const count = 12;
const name = 'Round Trip';

/** A published version of a datanet. */
export type Published = {
  readonly datanetId: bigint;
  readonly version: number;
  readonly dataRoot: Hex;
  readonly source: NonNullable<Awaited<ReturnType<typeof readSource>>>;
};

/** A published version with real texts, and the texts themselves. */
export type Data = Published & { readonly texts: readonly Text[] };

/** A contribution that was accepted. */
export type Held = { readonly contributionId: bigint; readonly contentHash: Hex };

/** Three people contribute documentation, its owner accepts it, and publishes a version. */
export const contributeData = async (session: Session, contents: Contents, { heldOutEvery }: Recipe): Promise<Data> => {
  const texts = documentation(count);
  const datanetId = await openDatanet(session, contents, { owner: owner!, name });
  const held = await contributeTexts(session, contents, { owner: owner!, contributors, datanetId, texts });
  const rows = rowsOf(texts);
  const published = await publishData(session, contents, { owner: owner!, name, datanetId, held, rows, heldOutEvery });
  return { ...published, texts };
};

/** Texts of the TypeScript Handbook, without careless ones and copies. */
export const documentation = (most: number): readonly Text[] => {
  const theme = themes.find((each) => each.name === 'TypeScript Handbook')!;
  return openLibrary(installedNodeModules())
    .of(theme)
    .filter(({ careless, copyOf }) => !careless && copyOf === undefined)
    .slice(0, most);
};

export const rowsOf = (texts: readonly Text[]): number => texts.reduce((sum, { rows }) => sum + rows.length, 0);

/** A datanet that its owner decides about alone. @returns its number */
export const openDatanet = async (
  session: Session,
  contents: Contents,
  { owner: by, name: called }: { owner: Player; name: string },
): Promise<bigint> => {
  const description = 'How TypeScript is written, and why.';
  const about = jsonContent({ schema: 'openledger.datanet/1', name: called, description });
  await contents.put([about]);
  const rules = [0n, 0n, 0, 3_600n];
  const args = [called, contentUri(about), about.hash, 0, ...rules];
  return (await session.send(by, 'DatanetRegistry', 'createDatanet', args)).event('DatanetCreated').datanetId;
};

export type Contributing = {
  readonly owner: Player;
  readonly contributors: readonly Player[];
  readonly datanetId: bigint;
  readonly texts: readonly Text[];
};

/** Contributors give texts in turn, each of which the owner accepts. */
export const contributeTexts = async (
  session: Session,
  contents: Contents,
  { owner: by, contributors: people, datanetId, texts }: Contributing,
): Promise<readonly Held[]> => {
  await contents.put(
    texts.map(({ contentHash, body }) => ({ hash: contentHash, mediaType: 'application/jsonl', body })),
  );
  const held: Held[] = [];
  for (const [at, { contentHash, rows, provenance }] of texts.entries()) {
    const uri = `openledger:content/${contentHash}`;
    const args = [datanetId, contentHash, uri, id(provenance.licence), rows.length];
    const sent = await session.send(people[at % people.length]!, 'DatanetRegistry', 'submitContribution', args);
    const { contributionId } = sent.event('ContributionSubmitted');
    await session.send(by, 'DatanetRegistry', 'decideContribution', [contributionId, true, ZeroHash]);
    held.push({ contributionId, contentHash });
  }
  return held;
};

export type Publishing = {
  readonly owner: Player;
  readonly name: string;
  readonly datanetId: bigint;
  readonly held: readonly Held[];
  readonly rows: number;
  readonly heldOutEvery: number;
};

/** The owner publishes a version with everything that was accepted, and its list for everybody. */
export const publishData = async (
  session: Session,
  contents: Contents,
  { owner: by, name: called, datanetId, held, rows, heldOutEvery }: Publishing,
): Promise<Published> => {
  const { root } = datanetTree(held);
  const list = jsonContent({
    schema: 'openledger.version/1',
    datanet: called,
    dataRoot: root,
    contributions: held.map(({ contributionId, contentHash }) => ({ id: `${contributionId}`, contentHash })),
  });
  await contents.put([list]);
  const args = [datanetId, root, held.length, rows, contentUri(list)];
  const published = await session.send(by, 'DatanetRegistry', 'publishVersion', args);
  const version = Number(published.event('DatanetVersionPublished').version);
  const source = await readSource(contents, { datanetId, version, uri: contentUri(list), heldOutEvery });
  if (source === undefined) throw new Error('The datanet that was just published cannot be read back.');
  return { datanetId, version, dataRoot: root, source };
};
