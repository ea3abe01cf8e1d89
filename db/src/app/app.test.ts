import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createDatabase } from '../client.ts';
import { migrate } from '../migrate.ts';
import { createTestDatabase } from '../testing.ts';
import * as app from './index.ts';

const database = await createTestDatabase(inject('postgresUrl'));
const { db, close } = createDatabase({ url: database.url });

const hash = (byte: string) => `0x${byte.repeat(32)}` as const;
const address = (byte: string) => `0x${byte.repeat(20)}` as const;
const genesisHash = hash('01');
const later = new Date(Date.now() + 60_000);
const wei = 2n ** 255n;

beforeAll(async () => {
  await migrate(database.url);
  await db.insert(app.deployment).values({ genesisHash, chainId: 31_337n });
});
afterAll(async () => {
  await close();
  await database.drop();
});

/** The constraint that refuses a write. */
async function refusedBy(write: PromiseLike<unknown>): Promise<string> {
  try {
    await write;
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (cause instanceof Error && 'constraint_name' in cause) return String(cause.constraint_name);
    throw error;
  }
  return 'accepted';
}

const relay = (idempotencyKey: string) => ({
  idempotencyKey,
  genesisHash,
  account: address('aa'),
  action: 'submitContributionFor',
  payload: { datanetId: '1' },
});

const record = (byte: string) => ({
  requestId: hash(byte),
  genesisHash,
  worker: address('bb'),
  payer: address('aa'),
  modelId: 1n,
  modelVersion: 1,
  state: 'running' as const,
  promptHash: hash('02'),
  fee: wei,
});

test('a retried action is relayed once', async () => {
  await db.insert(app.relay).values(relay('once'));
  expect(await refusedBy(db.insert(app.relay).values(relay('once')))).toBe('relay_pkey');
});

test('an action counts as sent only with its transaction, and a nonce is used once', async () => {
  const transaction = {
    genesisHash,
    relayer: address('cc'),
    nonce: 7n,
    hash: hash('70'),
    raw: '0x02' as const,
    maxFeePerGas: wei,
  };
  const [sent] = await db.insert(app.relayTransaction).values(transaction).returning();
  expect(sent).toMatchObject({ nonce: 7n, maxFeePerGas: wei });
  expect(await refusedBy(db.insert(app.relayTransaction).values({ ...transaction, hash: hash('71') }))).toBe(
    'relay_transaction_nonce_key',
  );
  expect(await refusedBy(db.insert(app.relay).values({ ...relay('sent'), state: 'submitted' }))).toBe(
    'relay_sent_has_a_transaction',
  );
  await db.insert(app.relay).values({ ...relay('sent'), state: 'submitted', transactionId: sent!.id });
});

test('what is said is sent once, and a message is sent at a known time', async () => {
  const message = { dedupeKey: 'reward 1', channel: 'telegram' as const, recipient: '42', payload: { text: 'hi' } };
  await db.insert(app.outboxMessage).values(message);
  expect(await refusedBy(db.insert(app.outboxMessage).values(message))).toBe('outbox_message_dedupe_key_key');
  const sending = db.insert(app.outboxMessage).values({ ...message, dedupeKey: '2', state: 'sending' });
  expect(await refusedBy(sending)).toBe('outbox_message_sending_is_dated');
  const sent = db.insert(app.outboxMessage).values({ ...message, dedupeKey: '3', state: 'sent' });
  expect(await refusedBy(sent)).toBe('outbox_message_sent_is_dated');
});

test('a chat account has one wallet at a time, and may change it', async () => {
  const sealedName = new Uint8Array(32);
  const link = { platform: 'discord' as const, platformUserId: '7', account: address('aa'), sealedName };
  await db.insert(app.chatLink).values(link);
  const second = { ...link, account: address('bb') };
  expect(await refusedBy(db.insert(app.chatLink).values(second))).toBe('chat_link_user_key');
  await db.update(app.chatLink).set({ unlinkedAt: sql`now()` });
  expect(await refusedBy(db.insert(app.chatLink).values(second))).toBe('accepted');
});

test('a link is confirmed only after a wallet signed, and refused or confirmed, not both', async () => {
  const request = {
    ...{ tokenHash: hash('01'), claimHash: hash('02'), platform: 'discord' as const, platformUserId: '7' },
    ...{ sealedName: new Uint8Array(32), expiresAt: later },
  };
  await db.insert(app.chatLinkRequest).values(request);
  const change = (values: object) => refusedBy(db.update(app.chatLinkRequest).set(values));
  expect(await change({ usedAt: sql`now()` })).toBe('chat_link_request_is_signed_first');
  expect(await change({ account: address('aa') })).toBe('chat_link_request_is_signed_whole');
  expect(await change({ account: address('aa'), signedAt: sql`now()` })).toBe('accepted');
  expect(await change({ usedAt: sql`now()`, refusedAt: sql`now()` })).toBe('chat_link_request_ends_once');
  expect(await change({ usedAt: sql`now()` })).toBe('accepted');
});

test('a chat update is kept until it is done, and its words no longer; an alert is turned on once', async () => {
  const update = { platform: 'telegram' as const, updateId: '9', sealed: new Uint8Array(8) };
  await db.insert(app.chatUpdate).values(update);
  expect(await refusedBy(db.insert(app.chatUpdate).values(update))).toBe('chat_update_pkey');
  const change = (values: object) => refusedBy(db.update(app.chatUpdate).set(values));
  expect(await change({ doneAt: sql`now()` })).toBe('chat_update_is_forgotten_when_done');
  expect(await change({ doneAt: sql`now()`, sealed: null })).toBe('accepted');
  const alert = { platform: 'discord' as const, recipient: '5', topic: 'governance' as const, locale: 'en' };
  await db.insert(app.chatSubscription).values(alert);
  expect(await refusedBy(db.insert(app.chatSubscription).values(alert))).toBe('chat_subscription_once');
});

test('a key has only rights that exist', async () => {
  const key = { account: address('aa'), name: 'mine', prefix: 'ol_ab', keyHash: hash('09'), budgetPerMinute: 100 };
  expect(await refusedBy(db.insert(app.apiKey).values({ ...key, scopes: [] }))).toBe('api_key_scopes_are_known');
  expect(await refusedBy(db.insert(app.apiKey).values({ ...key, scopes: sql`array['root']` }))).toBe(
    'api_key_scopes_are_known',
  );
  expect(await refusedBy(db.insert(app.apiKey).values({ ...key, scopes: ['read', 'infer'] }))).toBe('accepted');
});

test('a token is stored as its hash, never as itself', async () => {
  const session = { tokenHash: 'secret' as `0x${string}`, account: address('aa'), expiresAt: later };
  expect(await refusedBy(db.insert(app.session).values(session))).toBe('session_token_is_hash');
});

test('a review is sealed until it is revealed', async () => {
  const review = {
    genesisHash,
    contributionId: 1n,
    validator: address('dd'),
    commitment: hash('05'),
    windowEndsAt: later,
  };
  expect(await refusedBy(db.insert(app.review).values(review))).toBe('review_is_sealed_or_revealed');
  await db.insert(app.review).values({ ...review, sealed: new Uint8Array([1]) });
  expect(await refusedBy(db.update(app.review).set({ revealedAt: sql`now()` }))).toBe('review_is_sealed_or_revealed');
  expect(await refusedBy(db.update(app.review).set({ revealedAt: sql`now()`, sealed: null }))).toBe('accepted');
});

test('a promise is kept with its signature', async () => {
  const promise = {
    genesisHash,
    payer: address('aa'),
    worker: address('bb'),
    cumulativeAmount: wei,
    expiresAt: later,
    signature: `0x${'ab'.repeat(2_048)}` as const,
  };
  await db.insert(app.voucher).values(promise);
  expect(await refusedBy(db.update(app.voucher).set({ signature: `${promise.signature}ab` }))).toBe(
    'voucher_signature_is_hex',
  );
  expect(await refusedBy(db.update(app.voucher).set({ committed: -1n }))).toBe('voucher_committed_is_natural');
});

test('an answer is recorded once and whole, and its receipt belongs to it', async () => {
  await db.insert(app.inferenceRecord).values(record('10'));
  expect(await refusedBy(db.insert(app.inferenceRecord).values(record('10')))).toBe('inference_record_pkey');
  expect(await refusedBy(db.update(app.inferenceRecord).set({ state: 'answered', endedAt: sql`now()` }))).toBe(
    'inference_record_answer_is_whole',
  );
  const receipt = { requestId: hash('10'), hash: hash('11'), body: '{}', evidence: '{}' };
  expect(await refusedBy(db.insert(app.receipt).values({ ...receipt, requestId: hash('12') }))).toBe(
    'receipt_request_id_inference_record_request_id_fkey',
  );
  await db.insert(app.receipt).values(receipt);
  await db.insert(app.answerPart).values({ requestId: hash('10'), place: 0, from: 0, until: 12 });
  const drawn = { requestId: hash('10'), place: 0, kind: 'spans', contributionId: 1n, weightPpm: 1_000_000 } as const;
  await db.insert(app.answerEvidence).values(drawn);
  expect(await refusedBy(db.insert(app.answerEvidence).values({ ...drawn, place: 1 }))).toBe('answer_evidence_part_fk');
  expect(await db.select({ fee: app.inferenceRecord.fee }).from(app.inferenceRecord)).toEqual([{ fee: wei }]);
});

test('a training run succeeds only with an adapter, and fails only with a reason', async () => {
  const run = { genesisHash, owner: address('aa'), baseModelId: hash('06'), settings: { rank: 8 }, seed: 1n };
  const ended = { startedAt: sql`now()`, endedAt: sql`now()` };
  const begun = await db.insert(app.trainingRun).values(run).returning();
  expect(begun[0]).toMatchObject({ state: 'queued', progressPpm: 0 });
  expect(await refusedBy(db.update(app.trainingRun).set({ state: 'succeeded', ...ended }))).toBe(
    'training_run_success_is_whole',
  );
  expect(await refusedBy(db.update(app.trainingRun).set({ state: 'failed', ...ended }))).toBe(
    'training_run_failure_is_explained',
  );
});

test('a verdict that was held is resolved by somebody, and another is not', async () => {
  const verdict = {
    genesisHash,
    datanetId: 1n,
    contributor: address('aa'),
    contentHash: hash('07'),
    findings: [{ check: 'size', outcome: 'accept' as const, explanation: '12 kB of text' }],
    rules: '1',
  };
  const resolved = { resolvedAt: sql`now()`, resolvedBy: address('bb'), resolution: 'accept' as const };
  expect(await refusedBy(db.insert(app.intakeVerdict).values({ ...verdict, outcome: 'refuse', ...resolved }))).toBe(
    'intake_verdict_resolution_is_whole',
  );
  expect(await refusedBy(db.insert(app.intakeVerdict).values({ ...verdict, outcome: 'hold', ...resolved }))).toBe(
    'accepted',
  );
});

test('a content says how large it is, and is where it says', async () => {
  const content = { hash: hash('08'), mediaType: 'text/plain', size: 3n };
  expect(await refusedBy(db.insert(app.content).values(content))).toBe('content_is_erased_or_whole');
  expect(await refusedBy(db.insert(app.content).values({ ...content, body: new Uint8Array(4) }))).toBe(
    'content_size_is_right',
  );
  expect(await refusedBy(db.insert(app.content).values({ ...content, externalUri: 'ipfs://x' }))).toBe('accepted');
});

test('what belongs to a chain that is gone goes with it, and everything else stays', async () => {
  const [print] = await db
    .insert(app.fingerprint)
    .values({ genesisHash, datanetId: 1n, contentHash: hash('08'), signature: new Uint8Array(448) })
    .returning();
  await db.insert(app.fingerprintBand).values({ fingerprintId: print!.id, band: 0, value: -1n });
  await db.delete(app.deployment);
  for (const table of [
    app.relay,
    app.relayTransaction,
    app.receipt,
    app.answerPart,
    app.answerEvidence,
    app.fingerprintBand,
    app.trainingRun,
    app.review,
  ]) {
    expect(await db.$count(table)).toBe(0);
  }
  expect(await db.$count(app.content)).toBe(1);
  expect(await db.$count(app.outboxMessage)).toBe(1);
});
