import { newSalt, signMessage } from '@openledger/protocol';
import { Wallet } from 'ethers';
import type { Hex } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person, type Prepared, type Stage, setStage, sign, type TypedData, typedData } from './stage.ts';
import { jsonl, type Subject } from './texts.ts';

let stage: Stage;
let owner: Person;
let ada: Person;
const key = generatePrivateKey();

beforeAll(async () => {
  stage = await setStage();
  [owner, ada] = [await stage.rich(), await stage.person(key)];
  for (const quorum of [2, 0]) {
    const { prepared } = await owner.data<{ prepared: Prepared }>(
      `query($quorum: Int!) { prepared: prepareCreateDatanet(name: "Answers", uri: "ipfs://about", visibility: PUBLIC,
         rules: { minBond: 0, scoreThreshold: "600000000000000000", quorum: $quorum, reviewWindow: 3600 }) { to data value summary warning } }`,
      { quorum },
    );
    expect(prepared.warning).toBeNull();
    await stage.send(owner, prepared);
  }
});
afterAll(() => stage?.close());

type Intent = { typedData: TypedData; rows: string; deadline: string; contentHash: Hex };

async function intentOf(person: Person, text: string, more: Record<string, unknown> = {}): Promise<Intent> {
  const { intent } = await person.data<{ intent: Intent }>(
    `query($text: String!, $deadline: DateTime) { intent: contributionIntent(datanetId: 1, content: { text: $text }, license: "CC-BY-4.0", deadline: $deadline) {
       ${typedData} rows deadline contentHash } }`,
    { text, ...more },
  );
  return intent;
}

const submitting = `mutation($input: SubmitContributionInput!) { submitContribution(input: $input) {
  repeated submission { id state verdict rowCount contentHash relayKey error findings { check outcome explanation } } } }`;

const input = (text: string, signed: object = {}) => ({
  input: { datanetId: '1', content: { text }, license: 'CC-BY-4.0', ...signed },
});

/** What is refused when an input is submitted: code and message. */
async function refusal(person: Person, variables: object): Promise<[code: string, message: string]> {
  const { errors, data } = await person.ask(submitting, variables as Record<string, unknown>);
  if (!errors) throw new Error(`It was taken: ${JSON.stringify(data)}`);
  return [errors[0]!.extensions.code, errors[0]!.message];
}

describe('a contribution whose signature does not say what is sent', () => {
  const text = jsonl('bees');
  let intent: Intent;
  let signature: Hex;
  const signed = (more: object = {}) => ({ signature, rows: intent.rows, deadline: intent.deadline, ...more });

  beforeAll(async () => {
    intent = await intentOf(ada, text);
    signature = await sign(ada.account, intent.typedData);
  });

  it('is what a wallet shows: domain, fields and values of the contract', () => {
    expect(intent.typedData).toMatchObject({
      primaryType: 'Contribution',
      domain: { name: 'OpenLedger DatanetRegistry', version: '1', verifyingContract: stage.registry },
      message: { contributor: ada.address, datanetId: '1', rows: '4', uri: `openledger:content/${intent.contentHash}` },
    });
  });

  it('altered: another content, licence, deadline or number of rows', async () => {
    const later = new Date(Date.parse(intent.deadline) + 1_000).toISOString().replace('.000', '');
    for (const [variables, why] of [
      [input(jsonl('bread'), signed()), /content, licence, rows, deadline or the signature were altered/],
      [{ input: { ...input(text, signed()).input, license: 'CC0-1.0' } }, /were altered/],
      [input(text, signed({ deadline: later })), /were altered/],
      [input(text, signed({ rows: '5' })), /were altered/],
      [input(text, signed({ signature: `0x${'11'.repeat(64)}1b` })), /no key’s: expected 65 bytes/],
      [input(text, signed({ signature: '0x1234' })), /expected 65 bytes/],
    ] as const) {
      const [code, message] = await refusal(ada, variables);
      expect([code, message]).toEqual(['BAD_SIGNATURE', expect.stringMatching(why)]);
    }
  });

  it('altered: rows that were signed and are not there', async () => {
    const message = { ...intent.typedData.message, rows: '7' };
    const forged = await sign(ada.account, { ...intent.typedData, message });
    const [code, why] = await refusal(ada, input(text, signed({ signature: forged, rows: '7' })));
    expect([code, why]).toEqual(['BAD_SIGNATURE', expect.stringMatching(/rows is 7, and the content has 4/)]);
  });

  it('altered: the twin of a signature, which the contract refuses too', async () => {
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const s = order - BigInt(`0x${signature.slice(66, 130)}`);
    const v = signature.endsWith('1b') ? '1c' : '1b';
    const twin = `${signature.slice(0, 66)}${s.toString(16).padStart(64, '0')}${v}`;
    expect(await refusal(ada, input(text, signed({ signature: twin })))).toEqual([
      'BAD_SIGNATURE',
      expect.stringMatching(/twin/),
    ]);
  });

  it('for another chain', async () => {
    const elsewhere = { ...intent.typedData, domain: { ...intent.typedData.domain, chainId: 1 } };
    const forged = await sign(ada.account, elsewhere);
    expect(await refusal(ada, input(text, signed({ signature: forged })))).toEqual([
      'BAD_SIGNATURE',
      expect.stringMatching(/for chain 1, this is chain 31337/),
    ]);
  });

  it('of somebody else, or sent by somebody else', async () => {
    const bob = await stage.person();
    expect(await refusal(bob, input(text, signed()))).toEqual(['BAD_SIGNATURE', expect.stringMatching(bob.address)]);
    const theirs = await sign(bob.account, intent.typedData);
    expect(await refusal(ada, input(text, signed({ signature: theirs })))).toEqual([
      'BAD_SIGNATURE',
      expect.stringMatching(`it would be ${bob.address}’s`),
    ]);
  });

  it('expired', async () => {
    const now = (await stage.node.getBlock()).timestamp;
    const deadline = now - 10n;
    const scope = { chainId: stage.chainId, verifyingContract: stage.registry };
    const message = { ...intent.typedData.message, datanetId: 1n, rows: 4n, deadline };
    const expired = await signMessage(new Wallet(key), 'Contribution', scope, message as never);
    const iso = new Date(Number(deadline) * 1_000).toISOString().replace('.000', '');
    expect(await refusal(ada, input(text, signed({ signature: expired, deadline: iso })))).toEqual([
      'BAD_SIGNATURE',
      expect.stringMatching(/expired at .*contributionIntent/),
    ]);
  });

  it('by halves', async () => {
    expect(await refusal(ada, input(text, { signature }))).toEqual([
      'BAD_USER_INPUT',
      expect.stringMatching(/needs signature, deadline and rows/),
    ]);
  });

  it('nothing of all this was stored', async () => {
    const [{ count }] = (await stage.sql`select (select count(*) from app.submission) + (select count(*) from app.relay)
      + (select count(*) from app.content) as count`) as unknown as [{ count: string }];
    expect(Number(count)).toBe(0);
  });
});

describe('a contribution that cannot be', () => {
  it.each<[string, () => Promise<[Person, object]> | [Person, object], string, RegExp]>([
    ['nobody signed in', () => [{ ...ada, ask: stage.api.ask }, input(jsonl('bees'))], 'UNAUTHENTICATED', /sign in/],
    [
      'neither signature nor authorisation',
      () => [ada, input(jsonl('bees'))],
      'FORBIDDEN',
      /has not authorised the relayer .*authorizeRelayer/,
    ],
    ['no such datanet', () => [ada, { input: { ...input('x').input, datanetId: '99' } }], 'NOT_FOUND', /no datanet 99/],
    [
      'no such upload',
      () => [ada, { input: { ...input('x').input, content: { upload: newSalt() } } }],
      'NOT_FOUND',
      /no upload 0x/,
    ],
    [
      'no content',
      () => [ada, { input: { ...input('x').input, content: {} } }],
      'BAD_USER_INPUT',
      /neither text nor upload/,
    ],
    [
      'two contents',
      () => [ada, { input: { ...input('x').input, content: { text: 'x', upload: newSalt() } } }],
      'BAD_USER_INPUT',
      /both text and upload/,
    ],
    ['no licence', () => [ada, { input: { ...input('x').input, license: ' ' } }], 'BAD_USER_INPUT', /SPDX/],
  ])('%s', async (_, make, code, why) => {
    const [person, variables] = await make();
    expect(await refusal(person, variables)).toEqual([code, expect.stringMatching(why)]);
  });
});

async function submitSigned(person: Person, subject: Subject | string) {
  const text = subject in { bees: 1, bread: 1, tides: 1, glass: 1, looms: 1 } ? jsonl(subject as Subject) : subject;
  const intent = await intentOf(person, text);
  const signature = await sign(person.account, intent.typedData);
  const variables = input(text, { signature, rows: intent.rows, deadline: intent.deadline });
  return { variables, intent, answer: await person.data<Submitted>(submitting, variables) };
}
type Submitted = {
  submitContribution: {
    repeated: boolean;
    submission: {
      id: string;
      state: string;
      verdict: string;
      relayKey: string | null;
      findings: { check: string; outcome: string; explanation: string }[];
    };
  };
};

describe('what becomes of a submission', () => {
  it('waits for the relayer, is taken once however often it is sent, and only its contributor sees it', async () => {
    const { variables, answer } = await submitSigned(ada, 'tides');
    const { submission, repeated } = answer.submitContribution;
    expect(submission).toMatchObject({ state: 'PENDING', verdict: 'ACCEPT' });
    expect(repeated).toBe(false);
    const again = await ada.data<Submitted>(submitting, variables);
    expect(again.submitContribution).toMatchObject({ repeated: true, submission: { id: submission.id } });
    const both = await Promise.all([1, 2].map(() => ada.data<Submitted>(submitting, variables)));
    expect(both.map((one) => one.submitContribution.submission.id)).toEqual([submission.id, submission.id]);

    const mine = '{ submissions(states: [PENDING]) { nodes { id text } } }';
    expect(await ada.data(mine)).toEqual({ submissions: { nodes: [{ id: submission.id, text: jsonl('tides') }] } });
    const bob = await stage.person();
    expect(await bob.data(mine)).toEqual({ submissions: { nodes: [] } });
    expect(await bob.data(`{ submission(id: "${submission.id}") { id } }`)).toEqual({ submission: null });
    expect((await stage.api.ask(mine)).errors![0]!.extensions.code).toBe('UNAUTHENTICATED');
  });

  it('two at once with the same content make one', async () => {
    const text = jsonl('glass');
    const intent = await intentOf(ada, text);
    const signature = await sign(ada.account, intent.typedData);
    const variables = input(text, { signature, rows: intent.rows, deadline: intent.deadline });
    const answers = await Promise.all([1, 2, 3].map(() => ada.ask(submitting, variables)));
    const ids = answers.flatMap(
      ({ data }) => (data as unknown as Submitted | null)?.submitContribution.submission.id ?? [],
    );
    expect(new Set(ids).size).toBe(1);
    const rows = await stage.sql`select 1 from app.relay where payload->>'contentHash' = ${intent.contentHash}`;
    expect(rows).toHaveLength(1);
  });

  it('refused by intake it is kept with its findings, and its content is not', async () => {
    const bob = await stage.person();
    const { answer, intent } = await submitSigned(
      bob,
      jsonl('tides')
        .toUpperCase()
        .replace(/"QUESTION"|"ANSWER"/g, (name) => name.toLowerCase()),
    );
    const { submission } = answer.submitContribution;
    expect(submission).toMatchObject({ state: 'REFUSED', verdict: 'REFUSE', relayKey: null });
    expect(submission.findings.at(-1)).toMatchObject({ check: 'duplicate', outcome: 'REFUSE' });
    expect(await stage.sql`select 1 from app.content where hash = ${intent.contentHash}`).toHaveLength(0);
    expect(await bob.data('{ submissions(states: [REFUSED]) { nodes { id text } } }')).toEqual({
      submissions: { nodes: [{ id: submission.id, text: null }] },
    });
  });
});

describe('uploads', () => {
  it('are read, kept for their account alone, and submitted by their hash', async () => {
    const body = jsonl('looms');
    const response = await ada.upload(body, { 'content-type': 'text/plain', 'x-file-name': 'Webst%C3%BChle.jsonl' });
    const uploaded = (await response.json()) as { contentHash: Hex };
    expect([response.status, uploaded]).toEqual([
      201,
      {
        ...{ contentHash: expect.stringMatching(/^0x[0-9a-f]{64}$/), mediaType: 'application/jsonl' },
        ...{ size: Buffer.byteLength(body), rows: 4, expiresAt: expect.stringMatching(/Z$/) },
      },
    ]);
    const bob = await stage.person();
    const asking = (person: Person) =>
      person.ask(
        `query($hash: Bytes32!) { contributionIntent(datanetId: 1, content: { upload: $hash }, license: "MIT") { ${typedData} rows deadline } }`,
        { hash: uploaded.contentHash },
      );
    expect((await asking(bob)).errors![0]!.extensions.code).toBe('NOT_FOUND');
    const { data } = await asking(ada);
    const intent = (data as unknown as { contributionIntent: Intent }).contributionIntent;
    const signature = await sign(ada.account, intent.typedData);
    const { submitContribution } = await ada.data<Submitted>(submitting, {
      input: {
        ...{ datanetId: '1', content: { upload: uploaded.contentHash }, license: 'MIT', signature },
        ...{ rows: intent.rows, deadline: intent.deadline },
      },
    });
    expect(submitContribution.submission.state).toBe('PENDING');
    expect(await stage.sql`select 1 from app.upload`).toHaveLength(0);
  });

  it.each<[string, string | Uint8Array, Record<string, string>, number, RegExp]>([
    ['binary', Uint8Array.from({ length: 400 }, (_, n) => n % 7), {}, 400, /NUL/],
    ['empty', '', {}, 400, /empty/],
    ['HTML', '<!doctype html><p>Hello', {}, 400, /HTML/],
    ['more than 5 MB', 'word '.repeat(1_000_001), {}, 413, /more than 5000000 bytes/],
    ['without an account', 'text', { authorization: '' }, 401, /token in Authorization/],
  ])('%s: refused, and nothing is kept', async (_, body, headers, status, why) => {
    const response = await ada.upload(body, headers);
    const { errors } = (await response.json()) as { errors: { message: string }[] };
    expect([response.status, errors[0]!.message]).toEqual([status, expect.stringMatching(why)]);
    expect(await stage.sql`select 1 from app.upload`).toHaveLength(0);
  });
});

it('no page of another site can make a browser upload, and pages that may are told so', async () => {
  const upload = (method: string, headers: Record<string, string>) =>
    fetch(`${stage.api.url}/upload`, { method, headers, ...(method === 'POST' && { body: 'text' }) });
  const cookie = `openledger_session=ols_${'a'.repeat(43)}`;
  const forged = await upload('POST', { cookie, origin: 'https://evil.example', 'content-type': 'text/plain' });
  expect([forged.status, await forged.text()]).toEqual([403, expect.stringContaining('CSRF_REFUSED')]);
  const named = await upload('POST', { cookie, origin: 'https://evil.example', 'x-file-name': 'a.txt' });
  expect([named.status, await named.text()]).toEqual([403, expect.stringContaining('API_ORIGINS')]);
  const preflight = await upload('OPTIONS', { origin: 'https://app.example' });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-headers')).toContain('x-file-name');
  expect((await upload('GET', {})).status).toBe(400);
});

it('erasing takes the content, its fingerprint and what was not sent yet', async () => {
  const carol = await stage.person(generatePrivateKey());
  const { answer, intent } = await submitSigned(carol, 'bread');
  const { id } = answer.submitContribution.submission;
  const erasing = (person: Person) =>
    person.ask(
      `mutation($hash: Bytes32!) { eraseContent(contentHash: $hash) { erased withdrawing remaining { summary } } }`,
      {
        hash: intent.contentHash,
      },
    );
  expect((await erasing(ada)).errors![0]!.extensions.code).toBe('NOT_FOUND');
  expect((await erasing(carol)).data).toEqual({ eraseContent: { erased: true, withdrawing: [], remaining: [] } });
  const [kept] = await stage.sql`select body, erased_at from app.content where hash = ${intent.contentHash}`;
  expect(kept).toMatchObject({ body: null, erased_at: expect.any(Date) });
  expect(await stage.sql`select 1 from app.fingerprint where content_hash = ${intent.contentHash}`).toHaveLength(0);
  expect(await carol.data(`{ submission(id: "${id}") { state error text } }`)).toEqual({
    submission: { state: 'FAILED', error: 'Its content was erased before it was sent.', text: null },
  });
});

it('a relayer is authorised by signature alone, for the account that signed', async () => {
  const dan = await stage.person();
  const { relayerAuthorization: intent } = await dan.data<{ relayerAuthorization: Intent & { relayer: Hex } }>(
    `{ relayerAuthorization(expiresAt: "2027-01-01T00:00:00Z") { ${typedData} relayer deadline } }`,
  );
  expect(intent.relayer).toBe(stage.relayer.address.toLowerCase());
  const signature = await sign(dan.account, intent.typedData);
  const authorising = `mutation($expiresAt: DateTime!, $deadline: DateTime!, $signature: Hex!) {
    authorizeRelayer(expiresAt: $expiresAt, deadline: $deadline, signature: $signature) { key action state } }`;
  const variables = { expiresAt: '2027-01-01T00:00:00Z', deadline: intent.deadline, signature };
  expect((await ada.ask(authorising, variables)).errors![0]!.extensions.code).toBe('BAD_SIGNATURE');
  const longer = { ...variables, expiresAt: '2028-01-01T00:00:00Z' };
  expect((await dan.ask(authorising, longer)).errors![0]!.extensions.code).toBe('BAD_SIGNATURE');
  const first = await dan.data<{ authorizeRelayer: { key: string } }>(authorising, variables);
  expect(first.authorizeRelayer).toMatchObject({ action: 'authorizeRelayerWithSignature', state: 'PENDING' });
  expect(await dan.data(authorising, variables)).toEqual(first);
});

it('what an account does is in the audit log, and nothing of what it wrote', async () => {
  const rows = await stage.sql`select * from app.audit_event where account = ${ada.address}`;
  expect(new Set(rows.map(({ action }) => action))).toEqual(
    new Set(['signIn', 'submitContribution', 'upload', 'eraseContent', 'authorizeRelayer']),
  );
  expect(rows.filter(({ outcome }) => outcome === 'begun')).toEqual([]);
  const text = JSON.stringify(rows, (_key, value) => (typeof value === 'bigint' ? `${value}` : value));
  expect(text).not.toContain('Moon');
  expect(privateKeyToAccount(key).address.toLowerCase()).toBe(ada.address);
});
