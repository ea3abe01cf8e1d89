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
import type { Session } from '../../drive/session.ts';

const [owner, ...contributors] = (['dave', 'alice', 'bob', 'carol'] as const).map(castPlayer);

/** Contributions of all contributors together. */
const count = 12;

/** A published version of a datanet with real texts, and the texts themselves. */
export type Data = {
  readonly datanetId: bigint;
  readonly version: number;
  readonly dataRoot: Hex;
  readonly texts: readonly Text[];
  readonly source: NonNullable<Awaited<ReturnType<typeof readSource>>>;
};

/** Three people contribute documentation, its owner accepts it, and publishes a version. */
export const contributeData = async (session: Session, contents: Contents, { heldOutEvery }: Recipe): Promise<Data> => {
  const theme = themes.find(({ name }) => name === 'TypeScript Handbook')!;
  const texts = openLibrary(installedNodeModules())
    .of(theme)
    .filter(({ careless, copyOf }) => !careless && copyOf === undefined)
    .slice(0, count);
  await contents.put(
    texts.map(({ contentHash, body }) => ({ hash: contentHash, mediaType: 'application/jsonl', body })),
  );

  const rules = [0n, 0n, 0, 3_600n];
  const about = jsonContent({ schema: 'openledger.datanet/1', name: 'Round Trip', description: theme.description });
  await contents.put([about]);
  const opened = await session.send(owner!, 'DatanetRegistry', 'createDatanet', [
    ...['Round Trip', contentUri(about), about.hash, 0],
    ...rules,
  ]);
  const { datanetId } = opened.event('DatanetCreated');
  const held: { readonly contributionId: bigint; readonly contentHash: Hex }[] = [];
  for (const [at, { contentHash, rows, provenance }] of texts.entries()) {
    const by = contributors[at % contributors.length]!;
    const uri = `openledger:content/${contentHash}`;
    const args = [datanetId, contentHash, uri, id(provenance.licence), rows.length];
    const sent = await session.send(by, 'DatanetRegistry', 'submitContribution', args);
    const { contributionId } = sent.event('ContributionSubmitted');
    await session.send(owner!, 'DatanetRegistry', 'decideContribution', [contributionId, true, ZeroHash]);
    held.push({ contributionId, contentHash });
  }
  const { root } = datanetTree(held);
  const list = jsonContent({
    schema: 'openledger.version/1',
    datanet: 'Round Trip',
    dataRoot: root,
    contributions: held.map(({ contributionId, contentHash }) => ({ id: `${contributionId}`, contentHash })),
  });
  await contents.put([list]);
  const rows = texts.reduce((sum, text) => sum + text.rows.length, 0);
  const args = [datanetId, root, texts.length, rows, contentUri(list)];
  const published = await session.send(owner!, 'DatanetRegistry', 'publishVersion', args);
  const version = Number(published.event('DatanetVersionPublished').version);
  const source = await readSource(contents, { datanetId, version, uri: contentUri(list), heldOutEvery });
  if (source === undefined) throw new Error('The datanet that was just published cannot be read back.');
  return { datanetId, version, dataRoot: root, texts, source };
};
