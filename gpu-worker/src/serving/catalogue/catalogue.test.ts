import { type Connection, createDatabase } from '@openledger/db';
import { datanet, datanetAccess, deployment, model, modelTraining, modelVersion } from '@openledger/db/chain';
import { chainDdl, createTestDatabase, type TestDatabase } from '@openledger/db/testing';
import type { Hex } from '@openledger/protocol';
import { and, eq } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest';
import { createCatalogue, createStaticCatalogue, type LiveCatalogue, modelName } from './index.ts';

const address = (n: number): Hex => `0x${n.toString(16).padStart(40, '0')}`;
const hash = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`;
const [worker, otherWorker, owner, datanetOwner, reader, other] = [1, 2, 3, 4, 5, 6].map(address) as Hex[];
const provenance = { createdBlock: 1n, createdAt: 1_790_000_000n, createdTx: hash(1), updatedBlock: 1n, updatedAt: 1n };

let database: TestDatabase;
let connection: Connection;
const open: LiveCatalogue[] = [];

beforeAll(async () => {
  database = await createTestDatabase(inject('postgresUrl'));
  connection = createDatabase({ url: database.url, max: 4 });
  await connection.sql.unsafe(chainDdl().join(';'));
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((catalogue) => catalogue.close()));
  await connection.sql`truncate chain.model, chain.model_version, chain.deployment, chain.model_training,
    chain.datanet, chain.datanet_access`;
});
afterAll(async () => {
  await connection.close();
  await database.drop();
});

const opened = async (onTrouble?: (error: Error | undefined) => void) => {
  const catalogue = await createCatalogue({
    sql: connection.sql,
    worker: worker!,
    everyMs: 20,
    ...(onTrouble && { onTrouble }),
  });
  open.push(catalogue);
  return catalogue;
};

const publish = async (id: bigint, { name = 'TypeScript Tutor', versions = 1, status = 'active' as const } = {}) => {
  await connection.db.insert(model).values({
    id,
    owner: owner!,
    baseModelId: hash(9),
    name,
    uri: 'ipfs://card',
    status,
    inPer1k: 10n ** 18n,
    outPer1k: 2n * 10n ** 18n,
    inferences: 0n,
    inTokens: 0n,
    outTokens: 0n,
    fees: 0n,
    ...provenance,
  });
  for (let version = 1; version <= versions; version += 1) {
    await connection.db.insert(modelVersion).values({
      modelId: id,
      version,
      adapterHash: hash(100 * Number(id) + version),
      adapterUri: `https://models.example/${id}/${version}/`,
      manifestHash: hash(8),
      rank: 8,
      ...provenance,
    });
  }
};
const deploy = (modelId: bigint, version: number, at = worker!) =>
  connection.db.insert(deployment).values({ modelId, worker: at, version, active: true, ...provenance });
const undeploy = (modelId: bigint, version: number) =>
  connection.db
    .update(deployment)
    .set({ active: false })
    .where(and(eq(deployment.modelId, modelId), eq(deployment.version, version)));
const train = async (modelId: bigint, datanets: readonly { id: bigint; visibility: 'public' | 'private' }[]) => {
  for (const { id, visibility } of datanets) {
    await connection.db.insert(datanet).values({
      id,
      owner: datanetOwner!,
      name: `Datanet ${id}`,
      uri: 'ipfs://datanet',
      uriHash: hash(7),
      visibility,
      status: 'active',
      minBond: 0n,
      scoreThreshold: 0n,
      quorum: 1,
      reviewWindow: 0n,
      rows: 0n,
      attributed: 0n,
      ...provenance,
    });
    await connection.db.insert(modelTraining).values({
      modelId,
      modelVersion: 1,
      datanetId: id,
      datanetVersion: 1,
      dataRoot: hash(6),
      ...provenance,
    });
  }
};
const grant = (datanetId: bigint, grantee: Hex, { until = 4_000_000_000n, status = 'granted' as const } = {}) =>
  connection.db
    .insert(datanetAccess)
    .values({ datanetId, grantee, status, purpose: 'research', expiresAt: until, ...provenance });

test('a deployed version is found by each of its names, with its price and where its adapter is', async () => {
  await publish(1n, { versions: 2 });
  await deploy(1n, 1);
  await deploy(1n, 2);
  const catalogue = await opened();
  expect(catalogue.all().map(({ name }) => name)).toEqual(['typescript-tutor-1@1', 'typescript-tutor-1@2']);
  const newest = catalogue.find('typescript-tutor-1@2');
  expect(newest).toEqual({
    name: 'typescript-tutor-1@2',
    modelId: 1n,
    version: 2,
    adapterHash: hash(102),
    adapterUri: 'https://models.example/1/2/',
    owner,
    createdAt: 1_790_000_000,
    inPer1k: 10n ** 18n,
    outPer1k: 2n * 10n ** 18n,
    allowed: undefined,
  });
  for (const name of ['typescript-tutor-1', '1', '1@2']) expect(catalogue.find(name)).toBe(newest);
  expect(catalogue.find('1@1')?.version).toBe(1);
  for (const name of ['', '2', '1@3', 'typescript-tutor', 'TypeScript Tutor', '1@', '@1']) {
    expect(catalogue.find(name)).toBeUndefined();
  }
});

test('what is deployed elsewhere, was taken down or withdrawn is not served', async () => {
  await publish(1n);
  await publish(2n);
  await publish(3n, { status: 'withdrawn' as never });
  await publish(4n, { status: 'deprecated' as never });
  await deploy(1n, 1, otherWorker);
  await deploy(2n, 1);
  await undeploy(2n, 1);
  await deploy(3n, 1);
  await deploy(4n, 1);
  expect((await opened()).all().map(({ modelId }) => modelId)).toEqual([4n]);
});

test('a new deployment is there within a second, and one that was taken down is gone', async () => {
  const catalogue = await opened();
  const changes: string[] = [];
  const unfollow = catalogue.follow(({ added, removed }) =>
    changes.push(...added.map(({ name }) => `+${name}`), ...removed.map(({ name }) => `-${name}`)),
  );
  await publish(1n, { versions: 2 });
  await deploy(1n, 1);
  await vi.waitFor(() => expect(changes).toEqual(['+typescript-tutor-1@1']));
  await deploy(1n, 2);
  await vi.waitFor(() => expect(catalogue.find('1')?.version).toBe(2));
  await undeploy(1n, 2);
  await vi.waitFor(() => expect(changes.at(-1)).toBe('-typescript-tutor-1@2'));
  expect(catalogue.find('1')?.version).toBe(1);
  unfollow();
});

test('a version of private data may be asked by its owner, those of the datanets, and who has access to all of them', async () => {
  await publish(1n);
  await deploy(1n, 1);
  await train(1n, [
    { id: 1n, visibility: 'private' },
    { id: 2n, visibility: 'private' },
    { id: 3n, visibility: 'public' },
  ]);
  await grant(1n, reader!);
  await grant(2n, reader!);
  await grant(1n, other!);
  await grant(2n, other!, { until: 1_000n });
  const catalogue = await opened();
  expect(catalogue.find('1')?.allowed).toEqual(new Set([owner, datanetOwner, reader]));
  await connection.sql`update chain.datanet_access set status = 'revoked' where grantee = ${reader!}`;
  await catalogue.refresh();
  expect(catalogue.find('1')?.allowed).toEqual(new Set([owner, datanetOwner]));
});

test('a draft is its owner’s alone', async () => {
  await publish(1n, { status: 'draft' as never });
  await deploy(1n, 1);
  expect((await opened()).find('1')?.allowed).toEqual(new Set([owner]));
});

test('what was last read stays while the database does not answer, which is told once', async () => {
  await publish(1n);
  await deploy(1n, 1);
  const told: (string | undefined)[] = [];
  const catalogue = await opened((error) => told.push(error?.message));
  await connection.sql`alter table chain.deployment rename to gone`;
  await vi.waitFor(() => expect(told).toEqual(['relation "chain.deployment" does not exist']));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(catalogue.find('1')?.version).toBe(1);
  await connection.sql`alter table chain.gone rename to deployment`;
  await vi.waitFor(() => expect(told).toEqual(['relation "chain.deployment" does not exist', undefined]));
});

test('names are letters, digits and hyphens, never without the id', () => {
  expect(modelName('  Élan Vital — 2 (beta)! ', 7n)).toBe('elan-vital-2-beta-7');
  expect(modelName('日本語', 8n)).toBe('model-8');
  expect(modelName('x'.repeat(200), 9n)).toBe(`${'x'.repeat(60)}-9`);
});

test('whatever people call their models, a name means one model, and none of them is a name of the base', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 80 }), { minLength: 1, maxLength: 20 }), (names) => {
      const called = names.map((name, n) => modelName(name, BigInt(n)));
      expect(new Set(called).size).toBe(names.length);
      for (const name of called) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*-\d+$/);
    }),
  );
});

test('a catalogue that follows nothing finds the same names', () => {
  const served = {
    name: 'tutor-1@1',
    modelId: 1n,
    version: 1,
    adapterHash: hash(1),
    adapterUri: 'file:///adapters/tutor',
    owner: owner!,
    createdAt: 0,
    inPer1k: 0n,
    outPer1k: 0n,
    allowed: undefined,
  };
  const catalogue = createStaticCatalogue([served]);
  expect(['tutor-1@1', 'tutor-1', '1', '1@1'].map(catalogue.find)).toEqual([served, served, served, served]);
});
