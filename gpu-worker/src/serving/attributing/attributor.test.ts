import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Connection, createDatabase, migrate } from '@openledger/db';
import { answerPart, attributionTask, deployment, inferenceRecord, receipt } from '@openledger/db/app';
import { contribution, modelEvaluation, modelTraining, modelVersion } from '@openledger/db/chain';
import { chainDdl, createTestDatabase } from '@openledger/db/testing';
import { type Hex, parseReceipt, receiptHash, verifyReceiptSignature } from '@openledger/protocol';
import { cardBenchmarkId, startingAlgorithm } from '@openledger/protocol/attribution';
import { computeAddress } from 'ethers';
import pino from 'pino';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { fixtures } from '../../../test/reference.ts';
import { recheck } from '../../attribution/receipts/index.ts';
import { buildVersion, findVersion, keepFiles } from '../../attribution/version/index.ts';
import { bodies, hashOf, published, tinyOptions } from '../../attribution/version/version.fixture.ts';
import type { Place } from './attributor.fixture.ts';
import { attributionSteps, createAttributor } from './attributor.ts';
import { createSeal } from './seal.ts';
import { keepTask } from './tasks.ts';

/** Deaths at each step; the environment may ask for more. */
const kills = Number(process.env.KILLS ?? 1);
const fixture = fileURLToPath(new URL('attributor.fixture.ts', import.meta.url));
const tiny = join(fixtures, 'written/tiny');
const key: Hex = `0x${'42'.repeat(32)}`;
const worker = computeAddress(key).toLowerCase() as Hex;
const [genesisHash, escrow] = [hashOf('genesis'), `0x${'e5'.repeat(20)}` as Hex];
const provenance = { createdBlock: 1n, createdAt: 1n, createdTx: hashOf('tx'), updatedBlock: 1n, updatedAt: 1n };

let folder: string;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let connection: Connection;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attributor-'));
  database = await createTestDatabase(inject('postgresUrl'));
  connection = createDatabase({ url: database.url, max: 4 });
  const { db, sql } = connection;
  await sql.unsafe(chainDdl().join(';'));
  await migrate(database.url);
  await db.insert(deployment).values({ genesisHash, chainId: 31_337n });
  const built = await buildVersion(await tinyOptions(join(folder, 'gradients')));
  const { files, onChain, manifest, card } = named(published(built));
  const { modelId, version, adapterHash, datanets } = onChain;
  await keepFiles(db, files);
  await db.insert(modelVersion).values({
    ...{ modelId, version, adapterHash, adapterUri: 'file:///tiny', manifestHash: manifest, rank: 4, ...provenance },
  });
  await db.insert(modelTraining).values(
    datanets.map(({ datanetId, version: datanetVersion, dataRoot }) => ({
      ...{ modelId, modelVersion: version, datanetId, datanetVersion, dataRoot, ...provenance },
    })),
  );
  await db.insert(contribution).values(
    bodies.map(({ contributionId: id }) => ({
      ...{ id, datanetId: 3n, contributor: `0x${'ab'.repeat(20)}` as Hex, relayer: `0x${'ab'.repeat(20)}` as Hex },
      ...{ contentHash: hashOf(`content ${id}`), uri: 'ipfs://', licenseId: hashOf('mit'), rows: 3n, bond: 0n },
      ...{ status: 'accepted' as const, score: 1n, attributed: 0n, ...provenance },
    })),
  );
  await db.insert(modelEvaluation).values({
    ...{ id: '1', block: 1n, timestamp: 1n, txHash: hashOf('tx'), modelId, version, score: 0n },
    ...{ benchmarkId: cardBenchmarkId as Hex, uri: `openledger:content/${card}` },
  });
}, 120_000);
afterAll(async () => {
  await connection?.close();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

const named = ({ files, onChain, card }: ReturnType<typeof published>) => ({
  files: [...files].map(([hash, body]) => ({ hash, mediaType: 'application/octet-stream', body })),
  ...{ onChain, manifest: onChain.manifestHash, card: card.hash },
});

const seal = createSeal(key);
let count = 0;

/** An answer of the version that was given and waits. */
const answer = async (prompt: readonly number[], ids: readonly number[], text: string): Promise<Hex> => {
  const requestId = hashOf(`request ${++count}`);
  await connection.db.transaction(async (transaction) => {
    await transaction.insert(inferenceRecord).values({
      ...{ requestId, genesisHash, worker, payer: worker, modelId: 5n, modelVersion: 1, fee: 1n },
      ...{ state: 'answered' as const, promptHash: hashOf('prompt'), outputHash: hashOf(text), endedAt: new Date() },
    });
    const answers = [{ prompt: [...prompt], ids: [...ids], text }];
    await keepTask(transaction, { requestId, sealed: seal.close(requestId, { answers }) });
  });
  return requestId;
};

const place = (): Place => ({
  ...{ databaseUrl: database.url, key, genesisHash, escrow },
  ...{ baseFolder: join(tiny, 'base'), adapterFolder: join(tiny, 'adapter') },
});
const run = async (...dying: string[]): Promise<string> => {
  // What modules compile to is kept, so that the next one starts sooner.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') };
  const child = spawn(process.execPath, [fixture, JSON.stringify(place()), ...dying], { stdio: 'inherit', env });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return signal ?? `${code}`;
};

test('dying at each step leaves every answer with exactly one receipt', { timeout: 3_600_000 }, async () => {
  const ids: Hex[] = [];
  const more = async (answers: number) => {
    for (let at = 0; at < answers; at++) ids.push(await answer([5, 6], [70 + at, 80, 90, 100], 'bees know'));
  };
  for (let kill = 0; kill < kills; kill++) {
    for (const step of attributionSteps) {
      await more(2);
      expect(await run(step, `${1 + (kill % 2)}`)).toBe('SIGKILL');
    }
  }
  expect(await run()).toBe('0');
  const receipts = await connection.db.select().from(receipt);
  expect(receipts.map(({ requestId }) => requestId).sort()).toEqual(ids.sort());
  expect(await connection.db.$count(attributionTask)).toBe(0);
  const wholes = await connection.db.select().from(answerPart);
  expect(wholes.filter((part) => part.place === 0)).toHaveLength(ids.length);
  const version = await findVersion(connection, 5n, 1);
  for (const { hash, body, evidence } of receipts.slice(0, 5)) {
    const said = parseReceipt(body);
    expect([receiptHash(said), verifyReceiptSignature(said)]).toEqual([hash, true]);
    expect(
      await recheck({ version, algorithm: startingAlgorithm, receipt: said, evidence: JSON.parse(evidence) }),
    ).toEqual([]);
  }
});

test('what was sealed with another key, or makes no sense, waits with the reason and keeps nobody', {
  timeout: 120_000,
}, async () => {
  const [garbled, foreign] = [await answer([5], [6], 'x'), await answer([5], [6], 'x')];
  const { sql } = connection;
  await sql`update app.attribution_task set sealed = ${Buffer.from('nothing')} where request_id = ${garbled}`;
  const other = createSeal(`0x${'43'.repeat(32)}`).close(foreign, { answers: [{ prompt: [5], ids: [6], text: 'x' }] });
  await sql`update app.attribution_task set sealed = ${other} where request_id = ${foreign}`;
  const sound = await answer([5, 6], [70, 80], 'bees');
  const { databaseUrl, baseFolder, adapterFolder } = place();
  const attributor = createAttributor({
    ...{ connection, databaseUrl, key, baseFolder, everyMs: 50 },
    chain: { chainId: 31_337n, genesisHash, escrow },
    store: { bring: async () => adapterFolder },
    log: pino({ level: 'silent' }),
  });
  try {
    await attributor.whenReady(sound, 60_000);
    await vi.waitFor(
      () => expect(attributor.figures()).toMatchObject({ attributed: 1, waiting: { sealed_otherwise: 2 } }),
      { timeout: 60_000 },
    );
    const tasks = await sql<{ id: Hex; error: string; attempts: number; rests: boolean }[]>`
      select request_id as id, error, attempts, due_at > created_at as rests from app.attribution_task`;
    const kept = tasks.find(({ id }) => id === foreign)!;
    expect(kept.error).toMatch(/^sealed_otherwise: .*another key.*WORKER_KEY/);
    expect([kept.rests, kept.attempts > 0]).toEqual([true, true]);
  } finally {
    await attributor.stop();
  }
});
