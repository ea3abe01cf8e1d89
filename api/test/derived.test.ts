import { createTestDatabase, type TestDatabase } from '@openledger/db/testing';
import { verifyContribution } from '@openledger/protocol';
import postgres from 'postgres';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { signIn } from './account.ts';
import { startApi, type TestApi } from './client.ts';
import { people } from './community.ts';
import { seedCommunity } from './seed-community.ts';

let database: TestDatabase;
let api: TestApi;
let sql: postgres.Sql;
beforeAll(async () => {
  database = await createTestDatabase(inject('seededUrl'));
  await seedCommunity(database.url);
  api = await startApi(database.url);
  sql = postgres(database.url, { max: 1 });
});
afterAll(async () => {
  await api.stop();
  await sql.end();
  await database.drop();
});

type Inclusion = {
  version: { version: number; dataRoot: string; trainings: { nodes: { model: { name: string } }[] } };
  proof: string[];
};

test('a contribution says in which versions it is, with a proof, and which models learned from it', async () => {
  const { contribution } = await api.data<{ contribution: { contentHash: string; inclusions: Inclusion[] } }>(
    '{ contribution(id: 5) { contentHash inclusions { proof version { version dataRoot trainings { nodes { model { name } } } } } } }',
  );
  expect(contribution.inclusions.map(({ version }) => version.version)).toEqual([2]);
  const [{ version, proof }] = contribution.inclusions as [Inclusion];
  const leaf = { contributionId: 5n, contentHash: contribution.contentHash };
  expect(verifyContribution(leaf, proof, version.dataRoot)).toBe(true);
  expect(version.trainings.nodes).toEqual([{ model: { name: 'Ownership Helper' } }]);
});

test('a version says what is in it, and nothing where that cannot be proven', async () => {
  const ask = (version: number) =>
    api.data(
      `{ datanetVersion(datanetId: 1, version: ${version}) { contributionIds in: proof(contributionId: 2) out: proof(contributionId: 5) } }`,
    );
  expect(await ask(1)).toMatchObject({ datanetVersion: { contributionIds: ['1', '2', '3'], out: null } });
  await sql`update chain.datanet_version set data_root = ${`0x${'ab'.repeat(32)}`} where datanet_id = 1 and version = 1`;
  expect(await ask(1)).toEqual({ datanetVersion: { contributionIds: null, in: null, out: null } });
});

const TEXT =
  'query($id: BigInt!) { contribution(id: $id) { content { mediaType license text provenance } quality { outcome findings { explanation } } } }';
type Read = {
  contribution: {
    content: { mediaType: string; text: string | null; provenance: unknown };
    quality: { outcome: string; findings: { explanation: string | null }[] };
  };
};
const textOf = async (ask: TestApi['data'], id: number) => (await ask<Read>(TEXT, { id })).contribution;

test('what was accepted in a public datanet can be read by anybody; what waits or is private cannot', async () => {
  const open = await textOf(api.data, 1);
  expect(open.content.text).toContain('Passing it moves it');
  expect(open.content.provenance).toEqual({ author: 'Bruno', source: 'own words' });
  expect(open.quality.findings[0]!.explanation).toBe('Nothing here has the same content.');
  for (const hidden of [4, 6, 7]) {
    const { content, quality } = await textOf(api.data, hidden);
    expect(content).toEqual({ mediaType: 'text/markdown', license: 'CC-BY-4.0', text: null, provenance: null });
    expect(quality.findings.map(({ explanation }) => explanation)).toEqual([null, null]);
  }
});

test('a validator of a datanet reads what waits there, and nobody reads another one by being one', async () => {
  const validator = privateKeyToAccount(`0x${'17'.repeat(32)}`);
  const { data } = await signIn(api, validator);
  expect((await textOf(data, 6)).content.text).toBeNull();
  await sql`update chain.datanet_validator set validator = ${validator.address.toLowerCase()} where datanet_id = 1 and validator = ${people.emil}`;
  expect((await textOf(data, 6)).content.text).toContain('interior mutability');
  expect((await textOf(data, 7)).content.text).toBeNull();
});

test('contributing the hash of a private text to a public datanet does not open it', async () => {
  await sql.unsafe(`create temp table stolen as select * from chain.contribution where id = 7`);
  await sql.unsafe(`update stolen set id = 99, datanet_id = 1, contributor = '${people.hana}', status = 'accepted'`);
  await sql.unsafe('insert into chain.contribution select * from stolen');
  const { content } = await textOf(api.data, 99);
  expect(content).toMatchObject({ mediaType: 'text/markdown', text: null, provenance: null });
});

test('what can be claimed is what the accepted root grants less what was claimed', async () => {
  const { rewardAccounts, rewardRoots } = await api.data<Record<string, { nodes: unknown[] }>>(
    '{ rewardAccounts(orderBy: { field: ATTRIBUTED }) { nodes { accountAddress attributed claimable pending } } rewardRoots { nodes { isReproduced } } }',
  );
  expect(rewardAccounts!.nodes).toEqual([
    {
      accountAddress: people.chiara,
      attributed: '1200000000000000000',
      claimable: '1200000000000000000',
      pending: '0',
    },
    { accountAddress: people.bruno, attributed: '900000000000000000', claimable: '0', pending: '0' },
  ]);
  expect(rewardRoots!.nodes).toEqual([{ isReproduced: true }]);
});

test('where a token is, and what vesting has set free by a moment', async () => {
  expect(
    await api.data(`{
      tokens(first: 1, filter: { symbol: { eq: "OPEN" } }) { nodes { supply { total circulating vesting treasury emitted holdings { name balance } } } }
      vestingWallets { nodes { name before: vested(at: "2026-01-01T00:00:00Z") releasable end: releasable(at: "2040-01-01T00:00:00Z") } }
    }`),
  ).toMatchSnapshot();
});

test('a worker says how it is, a model version where it comes from', async () => {
  expect(
    await api.data(`{
      worker(address: "${people.worker}") { live { isOnline state backend requestSlots lastSeenAt figures { metric } } }
      modelVersion(modelId: 1, version: 2) {
        lineage { previous { version } next { version } datanetCount contributionCount rowCount trainingRun { settings seed metrics } }
        evaluations { nodes { score } } deployments { nodes { active } }
      }
      datanet(id: 1) { activity(first: 2) { totalCount nodes { event } } }
    }`),
  ).toMatchSnapshot();
});

test('without schema app, what is kept there is null and the rest is answered', async () => {
  await sql.unsafe('alter schema app rename to elsewhere');
  try {
    expect(
      await api.data(`{ contribution(id: 1) { contributionId content { text } quality { outcome } inclusions { version { version } } }
        worker(address: "${people.worker}") { endpoint live { state } } inference(requestId: "0x${'00'.repeat(32)}") { receipt { hash } } }`),
    ).toEqual({
      contribution: { contributionId: '1', content: null, quality: null, inclusions: [{ version: { version: 2 } }] },
      worker: { endpoint: 'https://worker.example', live: null },
      inference: null,
    });
  } finally {
    await sql.unsafe('alter schema elsewhere rename to app');
  }
});
