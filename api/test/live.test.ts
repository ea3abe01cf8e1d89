import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { signIn } from './account.ts';
import { startApi, type TestApi } from './client.ts';
import { createIndex, eventIdOf, listen, type Message, subscribe, type TestIndex, type TestStream } from './live.ts';
import { address, hash } from './world.ts';

let index: TestIndex;
let api: TestApi;
const streams: TestStream[] = [];
beforeAll(async () => {
  index = await createIndex();
});
afterAll(() => index.drop());
beforeEach(async () => {
  await index.reset();
  api = await startApi(index.url);
});
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.drop();
  await api.stop();
});

const activity = `subscription($filter: ActivityFilter, $after: String, $finality: Finality) {
  activity(filter: $filter, after: $after, finality: $finality) {
    kind cursor final finalBlock event { eventId subjectId } undone { chainId afterEventId }
  }
}`;
const follow = async (variables: Record<string, unknown> = {}, headers?: Record<string, string>) => {
  const stream = await subscribe(api.url, activity, variables, headers);
  streams.push(stream);
  return stream;
};
const idOf = ({ data }: Message) => data.activity.event?.eventId ?? `undone after ${data.activity.undone.afterEventId}`;
const cursorOf = ({ data }: Message): string => data.activity.cursor;
const one = [{}];
const two = [{}, {}];
/** Streams begin when the server has looked at the index: what is written before that is the past. */
const begun = () => sleep(300);

describe('events', () => {
  test('are told as they come, each with a cursor and how final it is', async () => {
    const stream = await follow();
    await begun();
    await index.block(1, two);
    const [first, second] = await stream.take(2);
    expect([idOf(first!), idOf(second!)]).toEqual([eventIdOf(1, 0), eventIdOf(1, 1)]);
    expect(first!.id).toBe(cursorOf(first!));
    expect(first!.data.activity).toMatchObject({ kind: 'EVENT', final: false, finalBlock: '0', undone: null });
    expect(stream.beats()).toBeGreaterThan(0);
  });

  test('that a client missed are told first, without a gap and without a repetition, also by another process', async () => {
    await index.block(1, two);
    await index.finalize(1);
    const stream = await follow();
    await begun();
    await index.block(2, two);
    const [first] = await stream.take(1);
    stream.drop();
    for (let block = 3; block < 30; block += 1) await index.block(block, two);
    await index.finalize(20);
    await api.stop();
    api = await startApi(index.url);
    const resumed = await follow({ after: cursorOf(first!) });
    const missed = await resumed.take(55);
    await index.block(30, one);
    const all = [first!, ...missed, ...(await resumed.take(1))].map(idOf);
    const expected = Array.from({ length: 28 }, (_, n) => [eventIdOf(n + 2, 0), eventIdOf(n + 2, 1)]).flat();
    expect(all).toEqual([...expected, eventIdOf(30, 0)]);
  });

  test('are told to a browser’s EventSource, which says itself what it had last', async () => {
    const query = 'subscription { activity { cursor event { eventId } } }';
    const stream = await listen(api.url, query);
    streams.push(stream);
    await begun();
    await index.block(1, two);
    const [first] = await stream.take(1);
    const resumed = await listen(api.url, query, { 'last-event-id': first!.id! });
    streams.push(resumed);
    expect(idOf((await resumed.next())!)).toBe(eventIdOf(1, 1));
  });

  test('pass the same filter live as in a replay', async () => {
    const filter = {
      or: [{ actorAddress: { eq: address(2) } }, { not: { event: { in: ['A', 'B'] } }, block: { gt: '2' } }],
    };
    const events = [{ actor: address(2) }, { event: 'A' }, { event: 'C' }];
    const stream = await follow({ filter });
    await begun();
    for (const block of [1, 2, 3]) await index.block(block, events);
    const live = (await stream.take(4)).map(idOf);
    expect(live).toEqual([eventIdOf(1, 0), eventIdOf(2, 0), eventIdOf(3, 0), eventIdOf(3, 2)]);
    await index.finalize(3);
    const start = await follow({ filter, after: START });
    expect((await start.take(4)).map(idOf)).toEqual(live);
  });

  test('of a chain that is late are not skipped, although those of another are newer', async () => {
    const other = 1612n;
    await index.addChain(other, 0);
    const stream = await follow();
    await begun();
    await index.block(10, one);
    const [first] = await stream.take(1);
    await index.block(5, one, other);
    expect(idOf((await stream.next())!)).toBe(eventIdOf(5, 0, other));
    const resumed = await follow({ after: cursorOf(first!) });
    expect(idOf((await resumed.next())!)).toBe(eventIdOf(5, 0, other));
  });

  test('are told exactly once and only when final, where that is asked for', async () => {
    const stream = await follow({ finality: 'FINAL' });
    await begun();
    await index.block(1, one);
    await index.block(2, [{ txHash: hash(1) }]);
    await sleep(300);
    await index.revert(1);
    await index.block(2, [{ txHash: hash(2) }]);
    await index.finalize(2);
    const told = await stream.take(2);
    expect(told.map(idOf)).toEqual([eventIdOf(1, 0), eventIdOf(2, 0)]);
    expect(told.map(({ data }) => data.activity.final)).toEqual([true, true]);
    await index.block(3, one);
    await index.finalize(3);
    expect(idOf((await stream.next())!)).toBe(eventIdOf(3, 0));
  });
});

/** The cursor of somebody who has been told nothing, of this chain. */
const START = Buffer.from([1, 0, 0, 0, 0]).toString('base64url');

describe('what the chain takes back', () => {
  test('is told to those who were told of it, and what stands there instead', async () => {
    const stream = await follow();
    await begun();
    await index.block(1, one);
    await index.block(2, two);
    await stream.take(3);
    await index.revert(1);
    // With the same number, time and ids: only what is in it is another.
    await index.block(2, [{ txHash: hash(77) }, {}]);
    expect((await stream.take(3)).map(idOf)).toEqual([
      `undone after ${eventIdOf(1, 0)}`,
      eventIdOf(2, 0),
      eventIdOf(2, 1),
    ]);
  });

  test('while a client was away is told when it comes back', async () => {
    const stream = await follow();
    await begun();
    await index.block(1, one);
    await index.block(2, two);
    const told = await stream.take(3);
    stream.drop();
    await api.stop();
    await index.revert(1);
    await index.block(2, [{ txHash: hash(77) }]);
    await index.block(3, one);
    await index.finalize(2);
    api = await startApi(index.url);
    const resumed = await follow({ after: cursorOf(told[2]!) });
    const base = `${eventIdOf(0, 0).slice(0, 42)}${'9'.repeat(33)}`;
    expect((await resumed.take(4)).map(idOf)).toEqual([
      `undone after ${base}`,
      eventIdOf(1, 0),
      eventIdOf(2, 0),
      eventIdOf(3, 0),
    ]);
    // Who had only what still holds goes on as if nothing had been.
    const other = await follow({ after: cursorOf(told[0]!) });
    expect((await other.take(2)).map(idOf)).toEqual([eventIdOf(2, 0), eventIdOf(3, 0)]);
  });

  test('is not told of an index that restarted and comes back to where it was', async () => {
    const stream = await follow();
    await begun();
    await index.block(1, one);
    await index.block(2, one);
    await stream.take(2);
    await index.sql`update chain._ponder_meta set value = '{"is_ready": 0}'`;
    await index.revert(0);
    await sleep(600);
    await index.sql`update chain._ponder_checkpoint set latest_checkpoint = finalized_checkpoint`;
    await index.sql`update chain._ponder_meta set value = '{"is_ready": 1}'`;
    await sleep(600);
    for (const block of [1, 2, 3]) await index.block(block, one);
    expect(idOf((await stream.next())!)).toBe(eventIdOf(3, 0));
  });
});

describe('a stream', () => {
  test('that nobody reads is ended, and another is not held up by it', async () => {
    const response = await fetch(`${api.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: 'subscription { activity { cursor event { eventId args } } }' }),
    });
    const stream = await follow();
    await begun();
    const args = { text: 'x'.repeat(5000) };
    const many = Array.from({ length: 400 }, () => ({ args }));
    let told = 0;
    for (let block = 1; block <= 10; block += 1) {
      await index.block(block, many);
      told += (await stream.take(400)).length;
    }
    expect(told).toBe(4000);
    // Its socket is closed, or its last message says why.
    const text = await response.text().catch((error: Error) => error.message);
    expect(text).toMatch(/SLOW_CONSUMER|terminated|aborted/);
  });

  test('ends when the server stops, and says that nothing is lost', async () => {
    const stream = await follow();
    await begun();
    await api.stop();
    const last = await stream.next();
    expect(last?.errors?.[0].extensions.code).toBe('STREAM_ENDED');
    expect(await stream.next()).toBeUndefined();
    api = await startApi(index.url);
  });

  test('ends when the indexer halts', async () => {
    const stream = await follow();
    await begun();
    await index.sql.unsafe(
      'create schema indexer; create table indexer.halt (chain_id bigint, reason text, remedy text, at timestamptz default now())',
    );
    await index.sql`insert into indexer.halt values (31337, 'it broke', 'mend it')`;
    expect((await stream.next())?.errors?.[0]).toMatchObject({
      message: 'It broke. Mend it.',
      extensions: { code: 'INDEX_HALTED' },
    });
  });

  test('is refused with words for a cursor that is none', async () => {
    for (const after of ['nonsense', Buffer.from([1, 9, 9, 9, 9]).toString('base64url')]) {
      const stream = await follow({ after });
      expect((await stream.next())?.errors?.[0].extensions.code).toBe('BAD_USER_INPUT');
    }
  });

  test('is one of ten at most from one address, and leaving makes room', async () => {
    const open = await Promise.all(Array.from({ length: 10 }, () => follow()));
    const refused = await follow();
    expect((await refused.next())?.errors?.[0].extensions.code).toBe('RATE_LIMITED');
    open[0]!.drop();
    await expect
      .poll(async () => {
        const again = await follow({ after: 'nonsense' });
        return (await again.next())?.errors?.[0].extensions.code;
      })
      .toBe('BAD_USER_INPUT');
  });
});

describe('a state', () => {
  const rewards = `subscription($account: Address!, $after: String) {
    accountRewards(account: $account, after: $after) { cursor final account rewards { attributed claimed accountAddress } }
  }`;
  const earn = (attributed: string, block: number) => index.sql`
    insert into chain.reward_account values (${address(7)}, ${attributed}, 0, 0, ${block}, 0, ${hash(1)}, ${block}, 0)
    on conflict (account) do update set attributed = excluded.attributed, updated_block = excluded.updated_block`;

  test('of an account’s rewards is told now, and whenever it changes, down as well as up', async () => {
    await earn('5', 1);
    await index.block(1, one);
    const stream = await subscribe(api.url, rewards, { account: address(7) });
    streams.push(stream);
    const [now] = await stream.take(1);
    expect(now!.data.accountRewards).toMatchObject({ final: false, rewards: { attributed: '5' } });
    await earn('9', 2);
    await index.block(2, one);
    await stream.take(1);
    await index.revert(1);
    await earn('5', 1);
    await index.block(2, []);
    await index.finalize(1);
    const [back] = await stream.take(1);
    expect(back!.data.accountRewards).toMatchObject({ rewards: { attributed: '5' } });
    // The cursor of the state that still holds brings nothing until there is another.
    const resumed = await subscribe(api.url, rewards, { account: address(7), after: back!.data.accountRewards.cursor });
    streams.push(resumed);
    await begun();
    await earn('6', 3);
    await index.block(3, one);
    const messages = [await resumed.next()];
    while (messages.at(-1)!.data.accountRewards.rewards.attributed === '5') messages.push(await resumed.next());
    expect(messages.at(-1)!.data.accountRewards.rewards.attributed).toBe('6');
  });

  test('of a submission is told to its account from before it is on chain, and to nobody else', async () => {
    const { account, token, data } = await signIn(api);
    const query = `subscription($id: String!) {
      contributionStatus(submission: $id) { state error final contribution { id status contributor { address } } }
    }`;
    const mine = account.address.toLowerCase();
    const payload = { datanetId: '1', contentHash: hash(5) };
    const [verdict] = await index.sql`insert into app.intake_verdict
      (genesis_hash, datanet_id, contributor, content_hash, outcome, findings, rules)
      values (${hash(0)}, 1, ${mine}, ${hash(5)}, 'hold', '[]', 'test') returning id`;
    const [made] = await index.sql`insert into app.submission
      (genesis_hash, verdict_id, datanet_id, contributor, content_hash, uri, license, rows)
      values (${hash(0)}, ${verdict!.id}, 1, ${mine}, ${hash(5)}, 'ipfs://x', 'MIT', 1) returning id::text`;
    const { id } = made as unknown as { id: string };
    const other = await signIn(api);
    for (const headers of [{}, { authorization: `Bearer ${other.token}` }]) {
      const refused = await subscribe(api.url, query, { id }, headers);
      expect((await refused.next())?.errors?.[0].extensions.code).toMatch(/UNAUTHENTICATED|NOT_FOUND/);
    }
    const stream = await subscribe(api.url, query, { id }, { authorization: `Bearer ${token}` });
    streams.push(stream);
    const next = async () => (await stream.take(1))[0]!.data.contributionStatus;
    expect(await next()).toEqual({ state: 'HELD', error: null, final: false, contribution: null });
    // The datanet's owner lets it through.
    await index.sql.begin(async (tx) => {
      await tx`update app.intake_verdict set resolution = 'accept', resolved_by = ${address(1)}, resolved_at = now()`;
      await tx`insert into app.relay (idempotency_key, genesis_hash, account, action, payload)
        values ('one', ${hash(0)}, ${mine}, 'submitContributionFor', ${JSON.stringify(payload)})`;
      await tx`update app.submission set relay_key = 'one'`;
    });
    expect(await next()).toEqual({ state: 'PENDING', error: null, final: false, contribution: null });
    await index.sql`insert into chain.account values (${mine}, 1, 0, 0, 1)`;
    await index.sql`insert into chain.contribution
      (id, datanet_id, contributor, relayer, content_hash, uri, license_id, rows, bond, status, score, attributed,
        created_block, created_at, created_tx, updated_block, updated_at, commits, scores, attributions)
      values (77, 1, ${mine}, ${mine}, ${hash(5)}, '', ${hash(1)}, 1, 0, 'pending', 0, 0, 1, 0, ${hash(1)}, 1, 0, 0, 0, 0)`;
    await index.block(1, one);
    const contribution = { id: expect.any(String), status: 'PENDING', contributor: { address: mine } };
    expect(await next()).toEqual({ state: 'PENDING', error: null, final: false, contribution });
    await index.sql`update app.relay set state = 'failed', error = 'its bond is missing' where idempotency_key = 'one'`;
    expect(await next()).toMatchObject({ state: 'FAILED', error: 'its bond is missing', final: true });
    await data('mutation { signOut }');
    await index.sql`update app.relay set error = 'something else' where idempotency_key = 'one'`;
    await index.block(2, one);
    expect((await stream.next())?.errors?.[0].extensions.code).toBe('UNAUTHENTICATED');
  });

  test('needs to be of one contribution', async () => {
    const stream = await subscribe(api.url, 'subscription { contributionStatus { cursor } }');
    expect((await stream.next())?.errors?.[0].message).toContain('one of contributionId and submission');
  });
});

test('new inferences are told with what was settled, of one model where that is asked for', async () => {
  const stream = await subscribe(
    api.url,
    `subscription { newInferences(modelId: 2) {
      kind event { event actor { address } } inference { requestId fee } undone { afterEventId }
    } }`,
  );
  streams.push(stream);
  await begun();
  await index.sql`insert into chain.account values (${address(1)}, 1, 0, 0, 1) on conflict do nothing`;
  const settled = (n: number, modelId: string) => ({
    event: 'InferenceSettled',
    subjectType: 'inference',
    subjectId: hash(n),
    args: { modelId },
  });
  await index.sql`insert into chain.inference
    (request_id, event_id, model_id, worker, payer, version, in_tokens, out_tokens, fee, output_hash, platform_fee, model_fee,
      worker_fee, stakers_fee, contributors_fee, attribution_status, created_block, created_at, created_tx, updated_block, updated_at)
    values (${hash(41)}, ${eventIdOf(1, 1)}, 2, ${address(1)}, ${address(1)}, 1, 1, 1, 12, ${hash(1)}, 0, 0, 0, 0, 0, 'none', 1, 0, ${hash(1)}, 1, 0)`;
  await index.block(1, [settled(40, '1'), settled(41, '2')]);
  const [message] = await stream.take(1);
  expect(message!.data.newInferences).toEqual({
    kind: 'EVENT',
    event: { event: 'InferenceSettled', actor: { address: address(1) } },
    inference: { requestId: hash(41), fee: '12' },
    undone: null,
  });
});
