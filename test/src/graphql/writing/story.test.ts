import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { getContent } from '@openledger/db';
import { datanetTree } from '@openledger/protocol';
import { loadHarness } from '@openledger/protocol/compile';
import { createWalletClient, type Hex, http, keccak256 } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningRelayer, startRelayer } from './relayer.ts';
import { type Person, type Prepared, type Stage, setStage, sign, type TypedData, typedData } from './stage.ts';
import { jsonl, type Subject } from './texts.ts';

/** A community's day over HTTP alone: nobody but the datanet's owner has ether. What happened is read from the chain. */
let stage: Stage;
let relayer: RunningRelayer;
let owner: Person;
let ada: Person;
let vera: Person;
let victor: Person;

beforeAll(async () => {
  stage = await setStage();
  relayer = startRelayer(stage);
  [owner, ada, vera, victor] = await Promise.all([stage.rich(), stage.person(), stage.person(), stage.person()]);
});
afterAll(async () => {
  await relayer?.stop();
  await stage?.close();
});

const prepared = 'to data value summary warning';
const prepare = async (person: Person, field: string) =>
  (await person.data<{ p: Prepared }>(`{ p: ${field} { ${prepared} } }`)).p;

/** Waits for what the relayer, the chain and the index do by themselves, and lets blocks pass. */
async function until<T>(read: () => Promise<T>, right: (value: T) => boolean): Promise<T> {
  for (const started = Date.now(); ; ) {
    const value = await read();
    if (right(value)) return value;
    if (Date.now() - started > 40_000) {
      throw new Error(
        `It stays ${JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}` : v))}\n${relayer.output()}`,
      );
    }
    await stage.chain.mine(1);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

type OnChain = { contributor: Hex; relayer: Hex; status: number; commits: number; reveals: number; contentHash: Hex };
const contribution = (id: bigint) => stage.read<OnChain>('contribution', [id]);

const submitting = `mutation($input: SubmitContributionInput!) {
  submitContribution(input: $input) { submission { id state contentHash findings { check outcome } } } }`;
type Submitted = { submitContribution: { submission: { id: string; state: string; contentHash: Hex } } };
type Intent = { typedData: TypedData; rows: string; deadline: string; relayer: Hex };

async function submitSigned(person: Person, subject: Subject, license = 'CC-BY-4.0', datanetId = '1') {
  const content = { text: jsonl(subject) };
  const { intent } = await person.data<{ intent: Intent }>(
    `query($content: ContentInput!, $license: String!, $datanetId: BigInt!) {
       intent: contributionIntent(datanetId: $datanetId, content: $content, license: $license) { ${typedData} rows deadline } }`,
    { content, license, datanetId },
  );
  const signature = await sign(person.account, intent.typedData);
  const input = { datanetId, content, license, signature, rows: intent.rows, deadline: intent.deadline };
  return (await person.data<Submitted>(submitting, { input })).submitContribution.submission;
}

const stateOf = (person: Person, id: string) => async () =>
  (
    await person.data<{ submission: { state: string; contribution: { contributionId: string } | null } }>(
      `{ submission(id: "${id}") { state error transactionHash createdAt updatedAt contribution { contributionId } } }`,
    )
  ).submission;

async function authorise(person: Person) {
  const { intent } = await person.data<{ intent: Intent }>(
    `{ intent: relayerAuthorization(expiresAt: "2030-01-01T00:00:00Z") { ${typedData} deadline relayer } }`,
  );
  await person.data(
    `mutation($deadline: DateTime!, $signature: Hex!) {
       authorizeRelayer(expiresAt: "2030-01-01T00:00:00Z", deadline: $deadline, signature: $signature) { key } }`,
    { deadline: intent.deadline, signature: await sign(person.account, intent.typedData) },
  );
  await until(
    () => stage.read<bigint>('relayerUntil', [person.address, intent.relayer]),
    (until) => until > 0n,
  );
}

it('an owner opens a datanet and appoints validators, with transactions that the API prepared', async () => {
  const rules = 'minBond: 0, scoreThreshold: "600000000000000000", quorum: 2, reviewWindow: 3600';
  const creating = `prepareCreateDatanet(name: "Answers", uri: "ipfs://about", visibility: PUBLIC, rules: { ${rules} })`;
  await stage.send(owner, await prepare(owner, creating));
  for (const { address } of [vera, victor]) {
    await stage.send(
      owner,
      await prepare(owner, `prepareSetValidator(datanetId: 1, validator: "${address}", active: true)`),
    );
  }
  const wrong = await prepare(ada, `prepareSetValidator(datanetId: 1, validator: "${ada.address}", active: true)`);
  expect(wrong.warning).toMatch(/^The chain would refuse it now: NotDatanetOwner\(datanetId: 1, caller: 0x/);
  const poor = await prepare(owner, 'prepareDeposit(amount: "1000000000000000000")');
  expect(poor.warning).toMatch(/approved first/);
});

it('a contributor without ether gives a text by signing it, and it is on chain in her name', async () => {
  const { id, state, contentHash } = await submitSigned(ada, 'bees');
  expect(state).toBe('PENDING');
  const final = await until(stateOf(ada, id), ({ state, contribution }) => state === 'FINAL' && contribution !== null);
  expect(final).toMatchObject({ contribution: { contributionId: '1' }, error: null });
  const onChain = await contribution(1n);
  expect([onChain.contributor.toLowerCase(), onChain.relayer, onChain.contentHash]).toEqual([
    ada.address,
    stage.relayer.address === onChain.relayer
      ? onChain.relayer
      : expect.stringMatching(new RegExp(stage.relayer.address, 'i')),
    contentHash,
  ]);
  const { errors } = await ada.ask(submitting, {
    input: { datanetId: '1', content: { text: jsonl('bees') }, license: 'CC-BY-4.0' },
  });
  expect(errors![0]).toMatchObject({
    message: expect.stringMatching(/already, as contribution 1\. It is yours: what was signed for it is used up/),
    extensions: { code: 'CONFLICT' },
  });
});

const reviewing = `mutation($input: SubmitReviewInput!) {
  submitReview(input: $input) { contributionId score notes commitment commit { key state } } }`;
const notes = 'Sound, but the third answer wants a source.';

it('who is no validator, has authorised nobody, or wrote it, reviews nothing', async () => {
  const input = { contributionId: '1', score: '900000000000000000', notes };
  const told = async (person: Person, more: object = {}) =>
    (await person.ask(reviewing, { input: { ...input, ...more } })).errors![0]!;
  expect(await told(ada)).toMatchObject({ message: expect.stringMatching(/is no validator of datanet 1/) });
  expect(await told(vera)).toMatchObject({ message: expect.stringMatching(/has not authorised the relayer/) });
  expect(await told(vera, { contributionId: '9' })).toMatchObject({
    message: expect.stringMatching(/no contribution 9/),
  });
  expect(await told(vera, { score: '1000000000000000001' })).toMatchObject({
    message: expect.stringMatching(/expected 0 to 10+/),
  });
  expect(await stage.sql`select 1 from app.review`).toHaveLength(0);
});

it('two validators review it blind: until both have committed, nobody sees a score or a note of the other', async () => {
  await Promise.all([authorise(vera), authorise(victor)]);
  const queue = '{ reviewQueue { nodes { contribution { contributionId } text closesAt } } }';
  expect(await vera.data(queue)).toMatchObject({
    reviewQueue: { nodes: [{ contribution: { contributionId: '1' }, text: jsonl('bees') }] },
  });
  expect(await ada.data(queue)).toEqual({ reviewQueue: { nodes: [] } });

  const score = '923456789012345678';
  const given = await vera.data<{ submitReview: object }>(reviewing, { input: { contributionId: '1', score, notes } });
  expect(given.submitReview).toMatchObject({ contributionId: '1', score, notes });
  expect(await vera.data(queue)).toEqual({ reviewQueue: { nodes: [] } });
  expect((await vera.ask(reviewing, { input: { contributionId: '1', score: '0', notes } })).errors![0]).toMatchObject({
    message: expect.stringMatching(/cannot be changed/),
  });
  await until(
    () => contribution(1n),
    ({ commits }) => commits === 1,
  );
  await stage.indexed();

  const everywhere = [
    '{ ownReviews { nodes { contributionId score notes commitment commit { key error } } } }',
    '{ relayActions { key action error } }',
    '{ submissions { nodes { error text } } }',
    '{ activity(first: 100) { nodes { event args } } }',
    '{ contribution(id: 1) { score content { text } scores { nodes { score evidenceHash commitment } } } }',
    `{ account(address: "${vera.address}") { id } }`,
  ];
  // The validator herself sees what she gave, so the questions are the right ones.
  expect(JSON.stringify(await vera.ask(everywhere[0]!))).toContain(score);
  for (const ask of [victor.ask, ada.ask, owner.ask, stage.api.ask]) {
    for (const query of everywhere) {
      const answer = JSON.stringify(await ask(query));
      expect(answer).not.toContain('VALIDATION_FAILED');
      expect(answer).not.toContain(score);
      expect(answer).not.toContain('third answer');
    }
  }
  expect(await ada.data('{ contribution(id: 1) { scores { nodes { score evidenceHash } } } }')).toEqual({
    contribution: { scores: { nodes: [{ score: null, evidenceHash: null }] } },
  });
  const stored = JSON.stringify([
    await stage.sql`select encode(sealed, 'escape') as sealed, commitment from app.review`,
    await stage.sql`select payload from app.relay`,
    await stage.sql`select encode(body, 'escape') as body from app.content`,
  ]);
  expect(stored).not.toContain(score);
  expect(stored).not.toContain('third answer');

  await victor.data(reviewing, { input: { contributionId: '1', score: '700000000000000000', notes: 'Useful.' } });
  const scores = await until(
    () => stage.read<readonly bigint[]>('scores', [1n]),
    ({ length }) => length === 2,
  );
  expect(scores.toSorted()).toEqual([700000000000000000n, BigInt(score)]);
});

it('what was sealed opens then: the notes are the evidence that the chain names', async () => {
  await until(
    async () => stage.sql`select 1 from app.review where sealed is null and revealed_at is not null`,
    ({ length }) => length === 2,
  );
  await stage.indexed();
  const { contribution } = await ada.data<{
    contribution: { scores: { nodes: { score: string; evidenceHash: Hex }[] } };
  }>('{ contribution(id: 1) { scores { nodes { score evidenceHash } } } }');
  const best = contribution.scores.nodes.find(({ score }) => score === '923456789012345678')!;
  const { body } = (await getContent(stage.app.db, best.evidenceHash))!;
  expect(keccak256(body!)).toBe(best.evidenceHash);
  expect(JSON.parse(new TextDecoder().decode(body!))).toMatchObject({ validator: vera.address, notes });
});

it('anybody has it decided, and the owner publishes a version with it', async () => {
  const finalising = 'mutation { finalizeContribution(contributionId: 1) { key action } }';
  const first = await ada.data(finalising);
  expect(await vera.data(finalising)).toEqual(first);
  const { contentHash } = await until(
    () => contribution(1n),
    ({ status }) => status === 2,
  );
  expect(await ada.data(finalising)).toEqual(first);
  await stage.indexed();
  await stage.send(owner, await prepare(owner, 'preparePublishVersion(datanetId: 1, uri: "ipfs://v1")'));
  const { root } = datanetTree([{ contributionId: 1n, contentHash }]);
  expect(await stage.read('dataRoot', [1n, 1])).toBe(root);
});

it('whoever authorised the relayer submits without signing each time', async () => {
  await authorise(ada);
  const input = { datanetId: '1', content: { text: jsonl('bread') }, license: 'MIT' };
  const { submission } = (await ada.data<Submitted>(submitting, { input })).submitContribution;
  const { contribution: made } = await until(stateOf(ada, submission.id), ({ contribution }) => contribution !== null);
  expect((await contribution(BigInt(made!.contributionId))).contributor.toLowerCase()).toBe(ada.address);
});

it('the program of docs/writing.md contributes what it is given', async () => {
  const folder = await mkdtemp(join(import.meta.dirname, '.page-'));
  const mining = setInterval(() => void stage.chain.mine(1), 200);
  try {
    const page = await readFile(new URL('../../../../docs/writing.md', import.meta.url), 'utf8');
    const file = join(folder, 'contribute.ts');
    await writeFile(file, /```ts\n([\s\S]*?)```/.exec(page)![1]!);
    const env = { PATH: process.env.PATH, API_URL: stage.api.url, TOKEN: vera.token, PRIVATE_KEY: vera.privateKey };
    const child = promisify(execFile)(process.execPath, [file], { env });
    child.child.stdin!.end(jsonl('ink'));
    expect((await child).stdout).toMatch(/^Submission \d+ is (MINED|FINAL)\.$/m);
  } finally {
    clearInterval(mining);
    await rm(folder, { recursive: true });
  }
});

it('a submission that intake holds waits for the datanet’s owner alone, who lets it through or refuses it', async () => {
  const [held, other] = [
    await submitSigned(ada, 'tides', 'GPL-3.0-only'),
    await submitSigned(ada, 'glass', 'GPL-3.0-only'),
  ];
  expect([held.state, other.state]).toEqual(['HELD', 'HELD']);
  const waiting = '{ heldSubmissions(datanetId: 1) { nodes { id text contributorAddress } } }';
  expect((await vera.ask(waiting)).errors![0]!.extensions.code).toBe('FORBIDDEN');
  expect(await owner.data(waiting)).toMatchObject({
    heldSubmissions: {
      nodes: [
        { id: other.id, text: jsonl('glass') },
        { id: held.id, contributorAddress: ada.address },
      ],
    },
  });
  const resolving = (id: string, resolution: string) =>
    `mutation { resolveSubmission(id: "${id}", resolution: ${resolution}) { state resolvedBy } }`;
  expect((await vera.ask(resolving(held.id, 'ACCEPT'))).errors![0]!.extensions.code).toBe('NOT_FOUND');
  expect(await owner.data(resolving(held.id, 'ACCEPT'))).toMatchObject({
    resolveSubmission: { resolvedBy: owner.address },
  });
  expect(await owner.data(resolving(other.id, 'REFUSE'))).toMatchObject({ resolveSubmission: { state: 'REFUSED' } });
  expect((await owner.ask(resolving(other.id, 'ACCEPT'))).errors![0]!.extensions.code).toBe('CONFLICT');
  await until(stateOf(ada, held.id), ({ contribution }) => contribution !== null);
  expect(await stage.read('contributionOf', [1n, other.contentHash])).toBe(0n);
  expect((await getContent(stage.app.db, other.contentHash))!.body).toBeNull();
});

it('a contract wallet’s signature is asked of the wallet (ERC-1271), and taken', async () => {
  const { SmartWallet } = await loadHarness();
  const client = createWalletClient({ account: owner.account, transport: http(stage.rpcUrl) });
  const signer = privateKeyToAccount(generatePrivateKey());
  const hash = await client.deployContract({
    ...{ abi: SmartWallet!.abi as never, bytecode: SmartWallet!.bytecode as Hex, chain: null },
    args: [signer.address] as never,
  });
  const { contractAddress } = await stage.node.waitForTransactionReceipt({ hash });
  const wallet = { ...signer, address: contractAddress! };
  const person = await stage.person(wallet);
  const { id } = await submitSigned(person, 'looms');
  const { contribution: made } = await until(stateOf(person, id), ({ contribution }) => contribution !== null);
  expect((await contribution(BigInt(made!.contributionId))).contributor.toLowerCase()).toBe(person.address);
});

it('erasing one’s content takes it back from the datanet too, through the relayer', async () => {
  const { contentHash } = await contribution(1n);
  const { eraseContent } = await ada.data<{ eraseContent: object }>(
    `mutation { eraseContent(contentHash: "${contentHash}") { erased withdrawing remaining { summary } } }`,
  );
  expect(eraseContent).toEqual({ erased: true, withdrawing: ['1'], remaining: [] });
  expect((await getContent(stage.app.db, contentHash))!.body).toBeNull();
  await until(
    () => contribution(1n),
    ({ status }) => status === 4,
  );
});
