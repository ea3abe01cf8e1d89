import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { signIn } from './account.ts';
import { manifest, startApi, type TestApi } from './client.ts';
import { createIndex, eventIdOf, type TestIndex } from './live.ts';
import { address, hash } from './world.ts';

type Received = { readonly headers: Record<string, string>; readonly body: string; readonly at: number };
type Behaviour = (n: number) => { status: number; headers?: Record<string, string> } | 'hang';

/** A receiver over HTTP that does as it is told with the nth message, counted from one. */
async function startReceiver() {
  const received: Received[] = [];
  let behave: Behaviour = () => ({ status: 204 });
  const server = createServer(async (request: IncomingMessage, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    received.push({ headers: request.headers as Record<string, string>, body, at: Date.now() });
    const answer = behave(received.length);
    if (answer !== 'hang') response.writeHead(answer.status, answer.headers).end('thanks');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    behave: (next: Behaviour) => {
      behave = next;
    },
    /** Waits until so many have come. */
    count: async (count: number) => {
      await expect.poll(() => received.length, { timeout: 20_000, interval: 20 }).toBeGreaterThanOrEqual(count);
      return received.slice(0, count);
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

let index: TestIndex;
let api: TestApi;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let ask: Awaited<ReturnType<typeof signIn>>['data'];
beforeAll(async () => {
  index = await createIndex();
});
afterAll(() => index.drop());
beforeEach(async () => {
  await index.reset();
  api = await startApi(index.url);
  receiver = await startReceiver();
  await enter();
});
afterEach(async () => {
  await api.stop();
  await receiver.stop();
  await index.sql`delete from app.webhook`;
});

async function enter() {
  ask = (await signIn(api)).data;
}

type Made = { webhook: { id: string; state: string; disabledReason: string | null }; secret: string };
/** Makes a webhook; it is followed from the chain's head of then, whenever the server begins to. */
const create = async (variables: Record<string, unknown> = {}): Promise<Made> => {
  const { createWebhook } = await ask<{ createWebhook: Made }>(
    `mutation($url: String!, $events: [String!], $filter: ActivityFilter, $finality: Finality) {
      createWebhook(url: $url, events: $events, filter: $filter, finality: $finality) { secret webhook { id state disabledReason } }
    }`,
    { url: receiver.url, finality: 'LATEST', ...variables },
  );
  return createWebhook;
};
type Delivery = {
  id: string;
  type: string;
  state: string;
  attempts: number;
  responseStatus: number | null;
  error: string | null;
};
const deliveries = async ({ webhook: { id } }: Made): Promise<Delivery[]> => {
  const answer = await ask<{ webhookDeliveries: { nodes: Delivery[] } }>(
    'query($id: ID!) { webhookDeliveries(webhookId: $id, first: 100) { nodes { id type state attempts responseStatus error } } }',
    { id },
  );
  return answer.webhookDeliveries.nodes;
};
const settled = (made: Made, count: number) =>
  expect
    .poll(async () => (await deliveries(made)).filter(({ state }) => state === 'SENT').length, { timeout: 10_000 })
    .toBe(count);
const verify = ({ secret }: { secret: string }, { body, headers }: Received) =>
  new Webhook(secret).verify(body, headers) as { type: string; data: { event?: { eventId: string } } };
/** Lets what waits to be tried again be tried now. */
const hurry = async () => {
  await index.sql`update app.webhook set paused_until = null`;
  await index.sql`update app.outbox_message set next_attempt_at = now() where state = 'pending'`;
  await index.sql.notify('openledger_webhook', '');
};
const hurryUntil = async (done: () => boolean) => {
  const deadline = Date.now() + 15_000;
  while (!done() && Date.now() < deadline) {
    await hurry();
    await sleep(50);
  }
  expect(done()).toBe(true);
};

describe('a webhook', () => {
  test('is sent the events it is for, signed, and nobody else’s secret verifies them', async () => {
    const made = await create({ events: ['ContributionAccepted'], filter: { block: { gt: '1' } } });
    await index.block(1, [{ event: 'ContributionAccepted' }]);
    await index.block(2, [{ event: 'ContributionAccepted', args: { score: '9' } }, { event: 'ContributionSubmitted' }]);
    const [message] = await receiver.count(1);
    expect(verify(made, message!)).toMatchObject({
      type: 'ContributionAccepted',
      data: {
        final: false,
        event: { eventId: eventIdOf(2, 0), block: '2', args: { score: '9' }, actorAddress: address(1) },
      },
    });
    expect(() => verify({ secret: `whsec_${Buffer.alloc(32).toString('base64')}` }, message!)).toThrow();
    await settled(made, 1);
    expect(await deliveries(made)).toEqual([
      {
        id: message!.headers['webhook-id'],
        type: 'ContributionAccepted',
        state: 'SENT',
        attempts: 1,
        responseStatus: 204,
        error: null,
      },
    ]);
  });

  test('that fails is tried again with the same id, until it accepts', async () => {
    const made = await create();
    receiver.behave((n) => ({ status: n <= 3 ? 500 : 200 }));
    await index.block(1, [{}]);
    await receiver.count(1);
    await expect
      .poll(async () => (await deliveries(made))[0])
      .toMatchObject({
        state: 'PENDING',
        attempts: 1,
        responseStatus: 500,
        error: 'It answered HTTP 500.',
      });
    await hurryUntil(() => receiver.received.length >= 4);
    await settled(made, 1);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    for (const message of receiver.received) verify(made, message);
    expect((await deliveries(made))[0]).toMatchObject({ attempts: 4, error: null });
  });

  test('that asks to be left alone is left alone for so long', async () => {
    const made = await create();
    receiver.behave(() => ({ status: 429, headers: { 'retry-after': '3600' } }));
    await index.block(1, [{}]);
    await expect.poll(async () => (await deliveries(made))[0]?.responseStatus, { timeout: 10_000 }).toBe(429);
    const [row] = await index.sql`select extract(epoch from next_attempt_at - now())::int as s from app.outbox_message`;
    const [hook] = await index.sql`select extract(epoch from paused_until - now())::int as s from app.webhook`;
    expect([row!.s, hook!.s].every((seconds) => seconds > 3500 && seconds <= 3600)).toBe(true);
  });

  test('is told what the chain has taken back, and the event again if it comes back', async () => {
    const made = await create();
    await index.block(1, [{}]);
    await receiver.count(1);
    await index.revert(0);
    await index.block(2, []);
    await receiver.count(2);
    await index.revert(0);
    await index.block(1, [{}]);
    const all = (await receiver.count(3)).map((message) => verify(made, message));
    expect(all.map(({ type }) => type)).toEqual(['ContributionSubmitted', 'Undone', 'ContributionSubmitted']);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(3);
  });

  test('misses nothing and gets nothing twice over a restart', async () => {
    const made = await create({ finality: 'FINAL' });
    await index.block(1, [{}, {}]);
    await index.finalize(1);
    await receiver.count(2);
    await settled(made, 2);
    await api.stop();
    await index.block(2, [{}, {}, {}]);
    await index.finalize(2);
    api = await startApi(index.url);
    await receiver.count(5);
    await sleep(300);
    const ids = receiver.received.map((message) => verify(made, message).data.event?.eventId);
    expect(ids).toEqual([eventIdOf(1, 0), eventIdOf(1, 1), eventIdOf(2, 0), eventIdOf(2, 1), eventIdOf(2, 2)]);
  });

  test('gets a message again, under the same id, that a process was sending when it was killed', async () => {
    const made = await create();
    await api.stop();
    receiver.behave((n) => (n === 1 ? 'hang' : { status: 200 }));
    const contractsFile = join(tmpdir(), `openledger-webhooks-${process.pid}.json`);
    await writeFile(contractsFile, JSON.stringify(manifest));
    const killed = spawn(process.execPath, [new URL('../src/main.ts', import.meta.url).pathname], {
      env: {
        PATH: process.env.PATH,
        DATABASE_URL: index.url,
        CHAIN_RPC_URL: 'http://127.0.0.1:1',
        CONTRACTS_FILE: contractsFile,
        API_PORT: '0',
        API_SECRET: '5e'.repeat(32),
        WEBHOOK_ALLOW_PRIVATE: 'on',
        LOG_LEVEL: 'silent',
      },
      stdio: 'ignore',
    });
    await index.block(1, [{}]);
    const [first] = await receiver.count(1);
    const gone = once(killed, 'exit');
    killed.kill('SIGKILL');
    await gone;
    await rm(contractsFile);
    const rows = () => index.sql`select state, attempts from app.outbox_message`;
    expect(await rows()).toMatchObject([{ state: 'sending', attempts: 1 }]);
    // A minute passes.
    await index.sql`update app.outbox_message set sending_since = now() - interval '2 minutes'`;
    api = await startApi(index.url);
    const [, second] = await receiver.count(2);
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
    verify(made, second!);
    await expect.poll(rows, { timeout: 10_000 }).toMatchObject([{ state: 'sent', attempts: 2 }]);
  });

  test('that answers 410 is disabled with the reason, and goes on where it stopped once enabled', async () => {
    const made = await create();
    receiver.behave((n) => ({ status: n === 1 ? 410 : 200 }));
    await index.block(1, [{}]);
    const read = async () =>
      (await ask<{ webhooks: Made['webhook'][] }>('{ webhooks { id state disabledReason } }')).webhooks[0];
    await expect
      .poll(read, { timeout: 10_000 })
      .toMatchObject({ state: 'DISABLED', disabledReason: expect.stringContaining('410') });
    await index.block(2, [{}]);
    await ask('mutation($id: ID!) { enableWebhook(id: $id) { id } }', { id: made.webhook.id });
    await hurryUntil(() => receiver.received.length >= 3);
    const told = receiver.received.map((message) => verify(made, message).data.event?.eventId);
    expect(told[0]).toBe(eventIdOf(1, 0));
    // The one that is tried again may come after the next.
    expect(told.toSorted()).toEqual([eventIdOf(1, 0), eventIdOf(1, 0), eventIdOf(2, 0)]);
  });

  test('at which nothing has arrived for a day is disabled', async () => {
    const made = await create();
    receiver.behave(() => ({ status: 503 }));
    await index.sql`update app.webhook set failures = 9, failing_since = now() - interval '25 hours'`;
    await ask('mutation($id: ID!) { testWebhook(id: $id) { id } }', { id: made.webhook.id });
    const read = async () => (await index.sql`select state, disabled_reason as reason from app.webhook`)[0];
    await expect.poll(read, { timeout: 10_000 }).toMatchObject({
      state: 'disabled',
      reason: expect.stringMatching(/^Nothing has arrived since .*It answered HTTP 503\.$/),
    });
  });

  test('whose secret is rotated is signed with both for a day', async () => {
    const made = await create();
    const { rotateWebhookSecret } = await ask<{ rotateWebhookSecret: Made }>(
      'mutation($id: ID!) { rotateWebhookSecret(id: $id) { secret webhook { id } } }',
      { id: made.webhook.id },
    );
    await ask('mutation($id: ID!) { testWebhook(id: $id) { type state } }', { id: made.webhook.id });
    const [message] = await receiver.count(1);
    expect(verify(made, message!).type).toBe('Test');
    expect(verify(rotateWebhookSecret, message!).type).toBe('Test');
    const [{ secret }] = (await index.sql`select secret from app.webhook`) as unknown as [{ secret: Buffer }];
    expect(secret.toString('base64')).not.toContain(rotateWebhookSecret.secret.slice(6, 20));
  });

  test('is nobody else’s', async () => {
    const made = await create();
    const { id } = made.webhook;
    await enter();
    for (const mutation of [
      'rotateWebhookSecret(id: $id) { secret }',
      'testWebhook(id: $id) { id }',
      'deleteWebhook(id: $id)',
    ]) {
      await expect(ask(`mutation($id: ID!) { ${mutation} }`, { id })).rejects.toThrow('no such webhook');
    }
    await expect(deliveries(made)).rejects.toThrow('no such webhook');
    expect(await ask('{ webhooks { id } }')).toEqual({ webhooks: [] });
    const { errors } = await api.ask('{ webhooks { id } }');
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  test('that is slow holds up no other', async () => {
    const slow = await create();
    const other = await startReceiver();
    const quick = await create({ url: other.url });
    receiver.behave(() => 'hang');
    await index.block(1, [{}, {}, {}]);
    await other.count(3);
    await settled(quick, 3);
    expect((await deliveries(slow)).map(({ state }) => state).sort()).toEqual(['PENDING', 'PENDING', 'SENDING']);
    await receiver.stop();
    await other.stop();
  });
});

describe('a webhook’s URL', () => {
  test('may lead nowhere but to the public internet', async () => {
    await api.stop();
    api = await startApi(index.url, { webhookAllowPrivate: false });
    await enter();
    for (const url of [
      'http://127.0.0.1/',
      'http://2130706433/',
      'http://0x7f.1/',
      'http://[::1]/',
      'http://[::ffff:10.0.0.1]/',
      'http://[64:ff9b::a00:1]/',
      'http://169.254.169.254/latest/meta-data',
      'http://10.1.2.3:8080/',
      'http://100.64.0.1/',
      'http://[fd00::1]/',
      'http://0.0.0.0/',
    ]) {
      await expect(create({ url }), url).rejects.toThrow('not on the public internet');
    }
    for (const url of [
      'ftp://example.com/',
      'file:///etc/passwd',
      'https://user:pw@example.com/',
      'nonsense',
      'https://example.com/#x',
    ]) {
      await expect(create({ url }), url).rejects.toThrow('url');
    }
    await expect(create({ url: 'https://example.com', events: ['Contributionaccepted'] })).rejects.toThrow(
      'no contract emits',
    );
  });

  test('whose name leads into a private network is not sent to', async () => {
    await api.stop();
    api = await startApi(index.url, { webhookAllowPrivate: false });
    await enter();
    const made = await create({ url: receiver.url.replace('127.0.0.1', 'localhost') });
    await index.block(1, [{}]);
    await expect
      .poll(async () => (await deliveries(made))[0]?.error, { timeout: 10_000 })
      .toMatch(/localhost leads to .* not on the public internet/);
    expect(receiver.received).toEqual([]);
  });

  test('that redirects is not followed', async () => {
    const made = await create();
    const inner = await startReceiver();
    receiver.behave(() => ({ status: 302, headers: { location: inner.url } }));
    await index.block(1, [{ txHash: hash(9) }]);
    await expect.poll(async () => (await deliveries(made))[0]?.responseStatus, { timeout: 10_000 }).toBe(302);
    expect(inner.received).toEqual([]);
    await inner.stop();
  });
});
