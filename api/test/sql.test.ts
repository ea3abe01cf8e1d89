import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { startApi, type TestApi } from './client.ts';
import { listsOf, orderOf, sqlNames } from './lists.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi(inject('seededUrl'));
});
afterAll(() => api.stop());
beforeEach(() => api.statements());

/** What a page needs, and the statements that gave it: a statement for each row would show here. */
const queries: Record<string, string> = {
  'a list with its count': '{ contributions(first: 5) { totalCount nodes { contributionId status } } }',
  'only a count': '{ datanet(id: 1) { contributions { totalCount } } contributions { totalCount } }',
  'rows with what they point at':
    '{ contributions(first: 5) { nodes { contributionId contributor { address eventCount } datanet { name owner { address } } } } }',
  'lists inside lists inside lists': `{ datanets(first: 3) { nodes { name
      contributions(first: 4, orderBy: { field: ATTRIBUTED, direction: DESC }) { totalCount nodes { contributionId
        scores(first: 2) { nodes { score validator { address } } } attributions(first: 2) { nodes { amount inference { requestId } } } } }
      versions(last: 1) { edges { cursor node { version } } }
      rollups(interval: DAY) { bucket submitted } } } }`,
  'the same list twice with other arguments':
    '{ datanets { nodes { name accepted: contributions(first: 2, filter: { status: { eq: ACCEPTED } }) { nodes { contributionId } } rejected: contributions(first: 2, filter: { status: { eq: REJECTED } }) { nodes { contributionId } } } } }',
  'everything of an account': `{ account(address: "0x0000000000000000000000000000000000000001") {
      eventCount escrow { balance } rewards { attributed claimed } balances { nodes { balance token { symbol } } }
      votes { nodes { support proposal { description } } } stakes { nodes { amount slashes { nodes { amount } } } }
      claims { nodes { amount } } activity(first: 3) { nodes { event } } } }`,
  'an answer back to its data': `{ inferences(first: 3, filter: { attributionStatus: { eq: FINAL } }) { nodes { requestId fee
      model { name } worker { endpoint } payer { address } batch { status }
      attributions { nodes { amount contribution { contributionId datanet { name } } } } } } }`,
  'the targets of disputes':
    '{ disputes { nodes { disputeId target { __typename ... on Contribution { datanet { name } } ... on Worker { endpoint } } } } }',
  'disputes on contributions, batches, roots and workers': `{
      contributions(first: 4) { nodes { disputes(first: 2) { totalCount nodes { disputeId status } } } }
      attributionBatches(first: 3) { nodes { disputes(first: 2) { nodes { disputeId } } } }
      rewardRoots(first: 3) { nodes { disputes(first: 2) { nodes { disputeId } } } }
      workers(first: 2) { nodes { disputes(first: 2) { nodes { disputeId } } } } }`,
  'what an account carried for others, proposed and received': `{ account(address: "0x0000000000000000000000000000000000000009") {
      relayedContributions(first: 2) { totalCount nodes { contributionId } }
      proposedRoots(first: 2) { totalCount nodes { root } } slashesReceived(first: 2) { totalCount nodes { amount } } } }`,
  'nodes of several types': `{ nodes(ids: ["${btoa('Datanet:1')}", "${btoa('Datanet:2')}", "${btoa('Model:1')}"]) { ... on Datanet { name owner { address } } ... on Model { name } } }`,
};

test.each(Object.entries(queries))('%s', async (_what, query) => {
  await api.data(query);
  // A process listens for webhooks once, whenever its connection is there.
  const statements = api.statements().filter((text) => !text.startsWith('listen '));
  expect(statements.length).toBeLessThanOrEqual(9);
  expect(statements.sort()).toMatchSnapshot();
});

test('a longer page takes as many statements as a short one', async () => {
  const count = async (first: number) => {
    await api.data(
      `{ contributions(first: ${first}) { nodes { contributor { address } scores { nodes { score } } a: attributions(first: 1) { nodes { amount } } b: attributions(first: 2) { nodes { amount } } } } }`,
    );
    return api.statements().length;
  };
  expect(await count(40)).toBe(await count(2));
});

test('every order is read from an index, not sorted', async () => {
  const sql = postgres(inject('seededUrl'), { max: 1 });
  try {
    // The tables here are too small for the planner to bother with indexes; this asks whether one could serve.
    await sql`set enable_seqscan = off`;
    await sql`set enable_bitmapscan = off`;
    for (const { field, target, orders } of listsOf('Query')) {
      for (const order of orders) {
        const { table, columns } = sqlNames(target);
        const by = orderOf(target, order).columns.map((column) => `"${columns[column]}" desc`);
        const plan = await sql.unsafe(`explain select * from ${table} order by ${by.join(', ')} limit 21`);
        const text = plan.map((row) => row['QUERY PLAN']).join('\n');
        expect(text, `${field} by ${order}`).toMatch(/Index (Only )?Scan/);
        // An incremental sort only orders ties that the index already brought together.
        expect(text, `${field} by ${order}`).not.toMatch(/(?<!Incremental )Sort {2}\(/);
      }
    }
  } finally {
    await sql.end();
  }
});

test('the lists inside a row are read from an index too', async () => {
  const sql = postgres(inject('seededUrl'), { max: 1 });
  try {
    await sql`set enable_seqscan = off`;
    await sql`set enable_bitmapscan = off`;
    const parents = ['Account', 'Datanet', 'Contribution', 'Model', 'Worker', 'Inference', 'AttributionBatch'];
    for (const typeName of [
      ...parents,
      'RewardRoot',
      'Proposal',
      'Token',
      'PublishedToken',
      'PublishedProposal',
      'PublishedStaking',
    ]) {
      const id = (
        await api.data<Record<string, { nodes: { id: string }[] }>>(
          `{ list: ${listsOf('Query').find(({ target }) => target.name === typeName)!.field}(first: 1) { nodes { id } } }`,
        )
      ).list!.nodes[0]!.id;
      for (const { field, orders } of listsOf(typeName)) {
        for (const order of orders) {
          api.statements();
          await api.data(
            `{ node(id: "${id}") { ... on ${typeName} { ${field}(first: 2, orderBy: { field: ${order}, direction: DESC }) { nodes { id } } } } }`,
          );
          const [statement] = api.statements().filter((text) => text.includes('lateral'));
          const plan = await sql.unsafe(`explain (generic_plan) ${statement}`);
          const text = plan.map((row) => row['QUERY PLAN']).join('\n');
          expect(text, `${typeName}.${field} by ${order}`).not.toMatch(/(?<!Incremental )Sort {2}\(|Seq Scan/);
        }
      }
    }
  } finally {
    await sql.end();
  }
});
