import { checkpointOf } from '@openledger/api/testing';
import { createClient } from 'graphql-sse';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPlace, type Place } from './place.ts';

let place: Place;
let sql: postgres.Sql;
beforeAll(async () => {
  place = await openPlace('community');
  sql = postgres(place.databaseUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await sql.end();
  await place.stop();
});

const connect = () => createClient({ url: `${place.url}/graphql`, retryAttempts: 0 });

type Told = { activity: { kind: string; cursor: string; event: { event: string; datanet: { name: string } } } };
const following = `subscription Following($after: String) {
  activity(filter: { datanetId: { eq: 1 } }, after: $after) { kind cursor event { event datanet { name } } }
}`;

/** A block with one event of datanet 1, written and told of as the indexer does. */
async function block(number: number, event: string): Promise<void> {
  const timestamp = 1_790_000_000n + BigInt(number) * 2n;
  const checkpoint = checkpointOf(31337n, BigInt(number), timestamp);
  await sql.begin(async (tx) => {
    await tx`create temp table one on commit drop as select * from chain.activity where datanet_id = 1 limit 1`;
    await tx`update one set event = ${event}, block = ${number}, timestamp = ${timestamp.toString()}, tx_hash = ${`0x${String(number).padStart(64, '0')}`},
      id = overlay(overlay(id placing ${timestamp.toString()} from 1 for 10) placing ${String(number).padStart(16, '0')} from 27 for 16)`;
    await tx`insert into chain.activity select * from one`;
    await tx`update chain._ponder_checkpoint set latest_checkpoint = ${checkpoint} where chain_name = 'openledger'`;
    await tx`select pg_notify('chain_live_query', '["activity"]')`;
  });
}

test('graphql-sse follows a datanet, and after a break is told what it missed', async () => {
  const client = connect();
  const first = client.iterate<Told>({ query: following });
  const pending = first.next();
  // A subscription begins when the server has looked at the index; what is written before that is the past.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await block(140_001, 'ContributionSubmitted');
  const { activity } = (await pending).value.data as Told;
  expect(activity).toMatchObject({
    kind: 'EVENT',
    event: { event: 'ContributionSubmitted', datanet: { name: 'Rust Ownership Questions' } },
  });
  await first.return?.();

  await block(140_002, 'ContributionAccepted');
  const again = client.iterate<Told>({ query: following, variables: { after: activity.cursor } });
  const { value } = await again.next();
  expect((value.data as Told).activity.event.event).toBe('ContributionAccepted');
  await again.return?.();
  client.dispose();
});

test('graphql-sse runs queries too, and is told what is wrong with a subscription', async () => {
  const client = connect();
  const query = client.iterate<{ datanets: { totalCount: number } }>({ query: '{ datanets { totalCount } }' });
  expect((await query.next()).value.data).toEqual({ datanets: { totalCount: 2 } });
  await query.return?.();

  const wrong = client.iterate({ query: 'subscription { activity(after: "nonsense") { cursor } }' });
  const answer = await wrong.next().catch((error: unknown) => error);
  expect(JSON.stringify(answer instanceof Error ? { ...answer, message: answer.message } : answer)).toContain('after');
  client.dispose();
});
