import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attributionRecordSchema } from '@openledger/protocol/attribution';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openScorer, quantiseQuery } from '../influence/index.ts';
import { type BuiltVersion, buildVersion } from './buildVersion.ts';
import { jsonFile, type NewFile } from './files.ts';
import { openVersion } from './openVersion.ts';
import { bodies, cardOf, damaged, hashOf, published, tinyOptions } from './version.fixture.ts';

let folder: string;
let built: BuiltVersion;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'version-'));
  built = await buildVersion(await tinyOptions(join(folder, 'whole')));
});
afterAll(() => rm(folder, { recursive: true }));

test('a version is opened by what is on chain alone, ready to score', async () => {
  const { record } = built;
  expect(record).toMatchObject({ rows: 29, foreignRows: 8, datasetRoot: hashOf('root') });
  const { onChain, read, contributionsOf, card } = published(built);
  const version = await openVersion({ onChain, read, contributionsOf });
  expect(version).toMatchObject({ record, recordHash: built.recordHash, cardHash: card.hash, card: cardOf(built) });
  expect([...version.contributions.keys()]).toEqual(bodies.map(({ contributionId }) => contributionId));
  // A row is nearest to itself.
  const scorer = await openScorer(version.store);
  const step = 2 ** version.store.exponentOf(5);
  const own = Float64Array.from(version.store.valuesOf(5), (value) => value * step);
  const scores = await scorer.score(quantiseQuery(version.whitening.solve(own)));
  const cosines = scores.map((score, row) => score / version.norms[row]! / version.norms[5]!);
  expect(cosines[5]).toBeCloseTo(1, 2);
  expect(Math.max(...cosines)).toBe(cosines[5]);
  await scorer.close();
});

test('H is of labels that the model draws, of each copy once; without them of the rows’ own', async () => {
  const { record, moment } = built;
  expect(record.moment).toMatchObject({ draws: 2, seed: 3, rows: 2 * (21 - 3) });
  expect(moment.count).toBe(record.moment!.rows);
  const { moment: _, ...plain } = record;
  const { whitening, norms } = await openVersion(changed({ record: plain }));
  const drawn = await openVersion(changed({}));
  expect(whitening.lambda).not.toBe(drawn.whitening.lambda);
  expect(norms).not.toEqual(drawn.norms);
});

test('what nearly repeats an earlier contribution is one with it; foreign rows are nobody’s', () => {
  const owner = (row: number) => built.store.contributionOf(row);
  const copies = [...built.clusters].flatMap((first, row) => (first === row ? [] : [[owner(row), owner(first)]]));
  expect(copies).toEqual([
    [14n, 12n],
    [14n, 12n],
    [14n, 12n],
  ]);
  expect([...built.clusters.subarray(21)]).toEqual([21, 22, 23, 24, 25, 26, 27, 28]);
});

test('building that was stopped goes on where it was, to the same record and files', async () => {
  const options = await tinyOptions(join(folder, 'parts'));
  const stop = new AbortController();
  const onProgress = ({ done }: { done: number }) => done === 10 && stop.abort();
  await expect(buildVersion({ ...options, onProgress, signal: stop.signal })).rejects.toThrow(/abort/);
  expect((await stat(options.file)).size).toBeGreaterThan(10 * 128);
  const seen: number[] = [];
  const again = await buildVersion({ ...options, onProgress: ({ done }) => seen.push(done) });
  expect(seen[0]).toBe(11);
  expect(again.recordHash).toBe(built.recordHash);
  expect(again.files.map(({ hash }) => hash)).toEqual(built.files.map(({ hash }) => hash));
});

/** The version published with something else in it: what opening it says. */
const opening = async (change: Parameters<typeof changed>[0]) => openVersion(changed(change));

const changed = (change: {
  readonly record?: Record<string, unknown>;
  readonly without?: string;
  readonly more?: readonly NewFile[];
  readonly onChain?: Record<string, unknown>;
}) => {
  const record = attributionRecordSchema.parse(
    change.record?.schema ? change.record : { ...built.record, ...change.record },
  );
  const recordFile = jsonFile(record);
  const of = published({ ...built, record, recordHash: recordFile.hash }, [recordFile, ...(change.more ?? [])]);
  if (change.without !== undefined) of.files.delete(change.without as never);
  return { ...of, onChain: { ...of.onChain, ...change.onChain } };
};

test('a version that was published without attribution, or has no card, says so', async () => {
  const manifest = jsonFile({ schema: 'openledger.training/1' });
  await expect(opening({ more: [manifest], onChain: { manifestHash: manifest.hash } })).rejects.toThrow(
    'names no attribution record: its answers cannot be attributed',
  );
  await expect(opening({ onChain: { cardUris: [] } })).rejects.toThrow('has no attribution card on chain');
  const other = jsonFile({ ...cardOf(built), adapterHash: hashOf('another') });
  const cardUris = [`openledger:content/${other.hash}`, 'https://example.com/card'];
  await expect(opening({ more: [other], onChain: { cardUris } })).rejects.toThrow(
    /no attribution card on chain.*its adapter is 0x.*https:\/\/example.com\/card is not openledger:content/,
  );
});

test('whatever is not what its hash or its root says is refused and named', async () => {
  const { record, files } = built;
  const bodyOf = (hash: string) => files.find((file) => file.hash === hash)!.body;
  const spans = files.find(({ mediaType, hash }) => mediaType === 'application/json' && hash === record.files.spans)!;
  const segment = JSON.parse(Buffer.from(spans.body).toString()).segments[0].hash as string;
  const gradients = damaged(bodyOf(record.files.gradients), 200);
  const clusters = damaged(bodyOf(record.files.clusters), 4 * 5);
  const cases: [Parameters<typeof opening>[0], RegExp][] = [
    [{ onChain: { adapterHash: hashOf('other') } }, /the adapter of the attribution record .* is 0x/],
    [{ onChain: { datanets: [] } }, /the datanets of the attribution record .* version 2 of datanet 3/],
    [{ record: { datasetRoot: hashOf('other') } }, /datasetRoot of version 1 of model 5 is/],
    [{ without: record.files.gradients }, /the gradient store \(0x.*\) is not kept/],
    [
      { more: [gradients], record: { files: { ...record.files, gradients: gradients.hash } } },
      /gradient store: .* damaged/,
    ],
    [{ record: { gradientStoreRoot: hashOf('other') } }, /the root of the gradient store is/],
    [{ record: { rows: 28 } }, /the number of rows is 29, not 28/],
    [{ record: { foreignRows: 7 } }, /Row 21 of the gradient store is of contribution 0/],
    [{ without: record.moment!.file }, /the store of gradients that H is of \(0x.*\) is not kept/],
    [
      { record: { moment: { ...record.moment, root: hashOf('other') } } },
      /the root of the store of gradients that H is of/,
    ],
    [
      { record: { moment: { ...record.moment, draws: 3 } } },
      /draws of the store of gradients that H is of is 2, not 3/,
    ],
    [{ record: { projection: { ...record.projection, seed: 'x' } } }, /seed of the gradient store is tiny, not x/],
    [{ record: { runtimeHash: hashOf('other') } }, /runtime of the gradient store is/],
    [{ without: record.files.clusters }, /the clusters of rows \(0x.*\) is not kept/],
    [
      { more: [clusters], record: { files: { ...record.files, clusters: clusters.hash } } },
      /Row 11 is said to be as row 5/,
    ],
    [{ without: segment }, /Segment 0 .* is not kept/],
    [{ record: { suffixArrayRoot: hashOf('other') } }, /the root of the span index is/],
  ];
  for (const [change, message] of cases) await expect(opening(change), String(message)).rejects.toThrow(message);
  const unknown = { ...changed({}), contributionsOf: async () => new Map() };
  await expect(openVersion(unknown)).rejects.toThrow('Contribution 11, which has gradients, is not on chain');
});
