import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { address, type Desk, openDesk } from '../../test/intake.ts';

const postgresUrl = inject('seededUrl');
let desk: Desk;
beforeAll(async () => {
  desk = await openDesk(postgresUrl);
});
afterAll(() => desk?.close());

const jsonl = (rows: readonly (readonly [question: string, answer: string])[]) =>
  rows.map(([question, answer]) => `${JSON.stringify({ question, answer })}\n`).join('');

const bees = [
  [
    'How far do honey bees fly for nectar?',
    'Most stay within two kilometres of the hive, but when flowers are scarce they go up to ten.',
  ],
  [
    'Why do bees dance?',
    'A forager that found food waggles in the direction of it, measured against the sun, so that others find it too.',
  ],
  [
    'What does a beekeeper feed in winter?',
    'Sugar syrup before the frost, and firm fondant later, since syrup would chill the cluster.',
  ],
  [
    'How long does a summer worker live?',
    'About six weeks: three inside the hive, cleaning and nursing, and three outside as a forager.',
  ],
  [
    'What are varroa mites?',
    'Parasites that feed on brood and carry viruses; untreated, they kill a colony within two or three years.',
  ],
  [
    'When do colonies swarm?',
    'In late spring, when the hive grows crowded and the old queen leaves with about half of the workers.',
  ],
] as const;

const said = ({ outcome, findings }: { outcome: string; findings: readonly { check: string; outcome: string }[] }) => [
  outcome,
  ...findings.filter((finding) => finding.outcome !== 'accept').map(({ check, outcome }) => `${check}: ${outcome}`),
];

test('an honest submission is taken, and told what was checked', async () => {
  const judgement = await desk.submit(jsonl(bees));
  expect(judgement.findings).toMatchInlineSnapshot(`
    [
      {
        "check": "size",
        "explanation": "929 bytes of application/jsonl, 6 rows.",
        "outcome": "accept",
      },
      {
        "check": "duplicate",
        "explanation": "Nobody sent this text before.",
        "outcome": "accept",
      },
      {
        "check": "near-duplicate",
        "explanation": "It is not much like any other text here.",
        "outcome": "accept",
      },
      {
        "check": "quality",
        "explanation": "It reads as text that somebody wrote.",
        "outcome": "accept",
      },
      {
        "check": "personal-data",
        "explanation": "No personal data or secrets were found.",
        "outcome": "accept",
      },
      {
        "check": "licence",
        "explanation": "The licence CC-BY-4.0 is open.",
        "outcome": "accept",
      },
      {
        "check": "rate",
        "explanation": "0 of 20 submissions in the last hour, 0 of 60 in the last day.",
        "outcome": "accept",
      },
    ]
  `);
  expect(judgement).toMatchObject({ outcome: 'accept', mediaType: 'application/jsonl', rows: { length: 6 } });
  expect(judgement.rows[1]).toMatchObject({ line: 2, question: 'Why do bees dance?' });
  expect(judgement.signature).toHaveLength(448);
});

test('the same file is refused while it is on its way, and so is one that only looks different', async () => {
  const other = { contributor: address(0xbb) };
  const [{ contentHash }] = [await desk.judge(jsonl(bees))];
  expect(said(await desk.judge({ body: Buffer.from(jsonl(bees)), ...other }))).toEqual(['refuse', 'duplicate: refuse']);
  const shouted = bees
    .map(([question, answer]) => `${question.toUpperCase()}  ${answer.replace(/[,;:.]/g, ' ')}`)
    .join('\n\n');
  const judgement = await desk.judge({ body: Buffer.from(shouted), ...other });
  expect(said(judgement)).toEqual(['refuse', 'duplicate: refuse']);
  expect(judgement.findings.at(-1)!.explanation).toMatch('only case, whitespace, punctuation');
  await desk.addContribution(7n, 1n, address(0xaa), contentHash);
  const again = await desk.judge(jsonl(bees));
  expect(again.findings.at(-1)!.explanation).toBe(
    'You have contributed exactly this file already: it is contribution 7 in this datanet (accepted). Send something that is not there yet.',
  );
});

test('what never reached the chain may be sent again by whoever sent it', async () => {
  const text =
    'Kefir grains double in about two weeks when they are kept in fresh milk at room temperature and rinsed rarely.';
  expect(said(await desk.submit(text))).toEqual(['accept']);
  expect(said(await desk.submit(text))).toEqual(['accept']);
  expect(said(await desk.judge({ body: Buffer.from(text), contributor: address(0xbb) }))).toEqual([
    'refuse',
    'duplicate: refuse',
  ]);
});

test('a copy with some words changed, and rows taken from another among others, are found', async () => {
  const changed = bees.map(
    ([question, answer]) => [question, answer.replace('about', 'around').replace('two', 'roughly two')] as const,
  );
  expect(said(await desk.judge(jsonl([...changed].reverse())))).toEqual([
    'refuse',
    'near-duplicate: refuse',
    'copied-rows: refuse',
  ]);
  const own = Array.from(
    { length: 6 },
    (_, i) =>
      [
        `What is kept in jar ${'abcdef'[i]}?`,
        [
          'Cloves, whole, bought in spring.',
          'Dried mint from the garden behind the shed.',
          'Salt for the pasta water and for bread.',
          'Lentils of the small, green kind.',
          'Sugar cubes that nobody has opened yet.',
          'Bay leaves, and three old nutmegs.',
        ][i]!,
      ] as const,
  );
  const judgement = await desk.judge(jsonl([...own, ...bees.slice(0, 4)]));
  expect(said(judgement)).toEqual(['hold', 'copied-rows: hold']);
  expect(judgement.findings.find(({ check }) => check === 'copied-rows')!.explanation).toMatch(
    /beginning at lines 7, 8, 9 and 10,/,
  );
});

test('copies are looked for in datanets of the same owner and in those trained together, and in no others', async () => {
  await desk.addDatanet(2n, address(1));
  await desk.addDatanet(3n, address(2));
  await desk.addDatanet(4n, address(3));
  await desk.train(1n, [1n, 3n]);
  const copy = { body: Buffer.from(`${jsonl(bees)}\n`), contributor: address(0xbb) };
  expect(said(await desk.judge({ ...copy, datanetId: 2n }))).toEqual(['refuse', 'duplicate: refuse']);
  const sibling = await desk.judge({ ...copy, datanetId: 3n });
  expect(sibling.findings.at(-1)!.explanation).toMatch('in datanet 1, a sibling of this one');
  expect(said(await desk.judge({ ...copy, datanetId: 4n }))).toEqual(['accept']);
});

test('the first refusal ends it: a secret is found before the licence is asked for, and is not repeated', async () => {
  const key = `ghp_${'aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5'}`;
  const judgement = await desk.judge({
    body: Buffer.from(`To deploy, set the token of the pipeline to ${key} and run the job again.`),
    license: '',
  });
  expect(said(judgement)).toEqual(['refuse', 'personal-data.secret: refuse']);
  expect(JSON.stringify(judgement.findings)).not.toContain(key.slice(6, 20));
});

test('a licence that forbids the use refuses, one that a person must read holds', async () => {
  const text =
    'Sourdough rises more slowly than dough with yeast from a packet, because wild yeasts are fewer and share with bacteria.';
  expect(said(await desk.judge({ body: Buffer.from(text), license: 'CC-BY-NC-4.0' }))).toEqual([
    'refuse',
    'licence: refuse',
  ]);
  expect(said(await desk.judge({ body: Buffer.from(text), license: 'GPL-3.0-only' }))).toEqual([
    'hold',
    'licence: hold',
  ]);
  expect(
    said(
      await desk.judge({
        body: Buffer.from(`${text}\n\nLicensed under the Apache License, Version 2.0.`),
        license: 'MIT',
      }),
    ),
  ).toEqual(['hold', 'licence: hold']);
});

test('a new account may send twenty an hour, an old one more; accounts that come together with like texts are held', async () => {
  const body = Buffer.from(
    'Plums keep for a week in the cellar, and for a year when they are stoned and dried slowly in the sun.',
  );
  const insert = async (contributor: `0x${string}`, count: number) => {
    for (let i = 0; i < count; i++) {
      await desk.app
        .sql`insert into app.intake_verdict (genesis_hash, datanet_id, contributor, content_hash, outcome, findings, rules)
        values (${`0x${'01'.repeat(32)}`}, 1, ${contributor}, ${`0x${'0c'.repeat(32)}`}, 'accept', '[]', 'test')`;
    }
  };
  await insert(address(0xc1), 20);
  await insert(address(0xc2), 20);
  await desk.addAccount(address(0xc2), 30 * 24 * 60 * 60);
  const refused = await desk.judge({ body, contributor: address(0xc1) });
  expect(said(refused)).toEqual(['refuse', 'rate: refuse']);
  expect(refused.findings.at(-1)!.explanation).toMatch('an account that is younger than a day may send 20');
  expect(said(await desk.judge({ body, contributor: address(0xc2) }))).toEqual(['accept']);

  const plots = [
    'a strip of beans and late peas, sown in April behind the greenhouse',
    'some rhubarb, cut in May and stewed with ginger',
    'potatoes under old straw, of a kind that a neighbour had',
    'marrows on the compost heap, which nobody planted',
  ];
  const template = (i: number) =>
    Buffer.from(
      `Diary of a garden, kept for the society by hand. In this plot grow ${plots[i]}. Watered twice a week, hoed when dry.`,
    );
  const outcomes = [];
  for (const i of [0, 1, 2, 3])
    outcomes.push(said(await desk.submit({ body: template(i), contributor: address(0xd0 + i) })));
  expect(outcomes.slice(0, 2)).toEqual([['accept'], ['accept']]);
  expect(outcomes.at(-1)).toContain('burst: hold');
});
