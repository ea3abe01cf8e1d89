import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, contentHash, createDatabase, getContent, migrate, putContents } from '@openledger/db';
import { contribution, datanetVersion, modelEvaluation, modelTraining, modelVersion } from '@openledger/db/chain';
import { chainDdl, createTestDatabase, type TestDatabase } from '@openledger/db/testing';
import { canonicalJson, datanetTree, type Hex } from '@openledger/protocol';
import { cardBenchmarkId } from '@openledger/protocol/attribution';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { fixtures } from '../../../test/reference.ts';
import { findVersion, jsonFile } from '../version/index.ts';
import { bodies, foreign, hashOf } from '../version/version.fixture.ts';
import { type Attributed, attribute } from './attribute.ts';
import { readOptions } from './options.ts';

const account = `0x${'ab'.repeat(20)}` as Hex;
const provenance = { createdBlock: 1n, createdAt: 1n, createdTx: hashOf('tx'), updatedBlock: 1n, updatedAt: 1n };
const contents = bodies.map(({ contributionId, body }) => {
  const bytes = Buffer.from(body);
  return { contributionId, contentHash: contentHash(bytes), bytes };
});
const dataRoot = datanetTree(contents).root;

let database: TestDatabase;
let connection: Connection;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgresUrl'));
  await migrate(database.url);
  connection = createDatabase({ url: database.url, max: 4 });
  await connection.sql.unsafe(chainDdl().join(';'));
  folder = await mkdtemp(join(tmpdir(), 'attributing-'));
  await writeFile(join(folder, 'foreign'), foreign);
  const list = jsonFile({
    contributions: contents.map(({ contributionId, contentHash }) => ({ id: `${contributionId}`, contentHash })),
  });
  const jsonl = 'application/jsonl';
  await putContents(connection.db, [...contents.map(({ bytes }) => ({ mediaType: jsonl, body: bytes })), list]);
  await connection.db.insert(datanetVersion).values({
    datanetId: 3n,
    version: 2,
    dataRoot,
    contributions: BigInt(bodies.length),
    rows: 21n,
    uri: `openledger:content/${list.hash}`,
    ...provenance,
  });
}, 60_000);
afterAll(async () => {
  await rm(folder, { recursive: true });
  await connection.close();
  await database.drop();
});

const tiny = join(fixtures, 'written/tiny');
const args = (...more: string[]) =>
  ['--base', join(tiny, 'base'), '--base-name', 'tiny', '--adapter', join(tiny, 'adapter'), '--datanet', '3@2'].concat(
    ['--held-out', '11,13', '--sequence', '64', '--dimensions', '128', '--foreign', join(folder, 'foreign')],
    ['--foreign-rows', '8', '--draws', '2', '--queries', '6', '--subsets', '4', '--out', join(folder, 'out')],
    more,
  );

const recipe = {
  batch: 4,
  schedule: { peak: 0.05, warmup: 1, steps: 3, decay: 'cosine', floor: 0 },
  seed: 5,
};

/** Publishes it as version 1 of model 5, evaluated with its card. */
async function publish({ adapterHash, manifestHash }: Attributed, cardHash: Hex) {
  const version = { modelId: 5n, modelVersion: 1 };
  const adapter = { adapterHash, adapterUri: 'https://example.com', manifestHash, rank: 4 };
  await connection.db.insert(modelVersion).values({ modelId: 5n, version: 1, ...adapter, ...provenance });
  await connection.db
    .insert(modelTraining)
    .values({ ...version, datanetId: 3n, datanetVersion: 2, dataRoot, ...provenance });
  await connection.db.insert(modelEvaluation).values({
    id: '1'.padStart(75, '0'),
    modelId: 5n,
    version: 1,
    benchmarkId: cardBenchmarkId as Hex,
    score: 0n,
    uri: `openledger:content/${cardHash}`,
    block: 1n,
    timestamp: 1n,
    txHash: hashOf('tx'),
  });
}

test('what an operator makes on the command line is what workers attribute with, once it is published', async () => {
  await writeFile(join(folder, 'recipe.json'), JSON.stringify(recipe));
  await writeFile(join(folder, 'training.json'), '{"note":"of the spring"}');
  const files = ['--recipe', join(folder, 'recipe.json'), '--training', join(folder, 'training.json')];
  const options = await readOptions(args(...files), { DATABASE_URL: database.url });
  const stop = new AbortController();
  const onProgress = (what: string, done: number) => what === 'rows' && done === 5 && stop.abort();
  await expect(attribute(options, { signal: stop.signal, onProgress })).rejects.toThrow(/abort/);

  const seen: string[] = [];
  const made = await attribute(options, { onProgress: (what, done, all) => seen.push(`${what} ${done}/${all}`) });
  expect(seen[0], 'goes on where it was').toBe('rows 6/47');
  expect(seen.at(-1)).toBe('retrainings 4/4');
  expect(made.card!.card.adapterHash).toBe(made.adapterHash);
  expect(JSON.parse(await readFile(join(folder, 'out/card.json'), 'utf8'))).toEqual(made.card!.card);
  const record = JSON.parse(await readFile(join(folder, 'out/record.json'), 'utf8'));
  expect(contentHash(Buffer.from(canonicalJson(record)))).toBe(made.recordHash);

  expect(JSON.parse(Buffer.from((await getContent(connection.db, made.manifestHash))!.body!).toString())).toEqual({
    schema: 'openledger.training/1',
    note: 'of the spring',
    adapterHash: made.adapterHash,
    attribution: made.recordHash,
  });

  await expect(findVersion(connection, 5n, 1)).rejects.toThrow('Version 1 of model 5 is not published on chain');
  await publish(made, made.card!.hash);
  await expect(findVersion(connection, 5n, 1)).rejects.toThrow('Contribution 12, which has gradients, is not on chain');
  await connection.db.insert(contribution).values(
    contents.map(({ contributionId, contentHash }) => ({
      id: contributionId,
      datanetId: 3n,
      contributor: account,
      relayer: account,
      contentHash,
      uri: '',
      licenseId: hashOf('MIT'),
      rows: 3n,
      bond: 0n,
      status: 'accepted' as const,
      score: 0n,
      attributed: 0n,
      ...provenance,
    })),
  );
  const version = await findVersion(connection, 5n, 1);
  expect(version).toMatchObject({ record, recordHash: made.recordHash, card: made.card!.card });
  expect([...version.contributions].map(([id, { contributor }]) => [id, contributor])).toEqual(
    [12n, 14n, 15n, 16n, 17n].map((id) => [id, account]),
  );
}, 60_000);

test('what is asked wrongly is named, with what would be right', async () => {
  const refused = async (given: readonly string[], env: Record<string, string> = { DATABASE_URL: database.url }) =>
    readOptions(given, env).then(
      () => 'nothing',
      (error: Error) => error.message,
    );
  const missing = await refused([], {});
  for (const name of ['--adapter', '--datanet', '--sequence', '--out', 'DATABASE_URL']) expect(missing).toContain(name);
  expect(await refused(args('--datanet', '3'))).toBe(
    '--datanet (number 2) must be a datanet and its version, for example 3@2',
  );
  expect(await refused(args('--dimension', '3'))).toMatch(/Unknown option '--dimension'.*Options are --base,/s);
  await writeFile(join(folder, 'wrong.json'), '{"batch":0}');
  expect(await refused(args('--recipe', join(folder, 'wrong.json')))).toMatch(/--recipe .*wrong.json: .*batch/s);

  const asked = async (...more: string[]) =>
    attribute(await readOptions(args(...more), { DATABASE_URL: database.url }));
  await expect(asked('--datanet', '3@9')).rejects.toThrow('There is no version 9 of datanet 3 on chain');
  await expect(asked('--held-out', '99')).rejects.toThrow('--held-out names contribution 99');
});

test('a list that is not of the root on chain is refused', async () => {
  await connection.db.update(datanetVersion).set({ dataRoot: hashOf('other') });
  const options = await readOptions(args(), { DATABASE_URL: database.url });
  await expect(attribute(options)).rejects.toThrow(
    /The list of version 2 of datanet 3 has the root 0x.*; on chain it is/,
  );
  await connection.db.update(datanetVersion).set({ dataRoot });
});
