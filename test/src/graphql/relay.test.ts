import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

const run = promisify(execFile);
const compiler = join(dirname(createRequire(import.meta.url).resolve('relay-compiler/package.json')), 'cli.js');
const schema = new URL('../../../api/schema.graphql', import.meta.url);

/** The components of a small page, as somebody with Relay would write them. */
const components: Record<string, string> = {
  DatanetPage: `
    query DatanetPageQuery($number: BigInt!) {
      datanet(id: $number) { ...DatanetHeader_datanet ...ContributionList_datanet @arguments(count: 5) }
    }`,
  DatanetHeader: `
    fragment DatanetHeader_datanet on Datanet @refetchable(queryName: "DatanetHeaderRefetchQuery") {
      name
      contributionCount
      owner { address }
    }`,
  ContributionList: `
    fragment ContributionList_datanet on Datanet
      @argumentDefinitions(
        count: { type: "Int", defaultValue: 10 }
        cursor: { type: "String" }
        filter: { type: "ContributionFilter" }
        orderBy: { type: "[ContributionByDatanetOrder!]" }
      )
      @refetchable(queryName: "ContributionListPaginationQuery") {
      contributions(first: $count, after: $cursor, filter: $filter, orderBy: $orderBy)
        @connection(key: "ContributionList_contributions", filters: ["filter", "orderBy"]) {
        totalCount
        edges { node { id contributionId ...ContributionRow_contribution } }
      }
    }`,
  ContributionRow: `
    fragment ContributionRow_contribution on Contribution {
      status
      rowCount
      contributor { address }
    }`,
  Activity: `
    query ActivityQuery { ...ActivityFeed_query }`,
  ActivityFeed: `
    fragment ActivityFeed_query on Query
      @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" })
      @refetchable(queryName: "ActivityFeedPaginationQuery") {
      activity(last: $count, before: $cursor) @connection(key: "ActivityFeed_activity") {
        edges { node { eventId event args } }
      }
    }`,
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openledger-relay-'));
  await mkdir(join(folder, 'src'));
  await copyFile(schema, join(folder, 'schema.graphql'));
  for (const [name, document] of Object.entries(components)) {
    await writeFile(join(folder, 'src', `${name}.ts`), `const document = graphql\`${document}\`;\n`);
  }
  const config = {
    src: './src',
    schema: './schema.graphql',
    language: 'typescript',
    persistConfig: { file: './queries.json' },
  };
  await writeFile(join(folder, 'relay.config.json'), JSON.stringify(config));
  await writeFile(join(folder, 'queries.json'), '{}');
  await writeFile(join(folder, 'package.json'), '{"name":"page","private":true}');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('relay-compiler takes the schema, with connections and refetchable fragments, and what it makes of them runs', async () => {
  const { stdout, stderr } = await run(process.execPath, [compiler, 'relay.config.json'], { cwd: folder }).catch(
    (error: { stdout: string; stderr: string }) => {
      throw new Error(`${error.stdout}\n${error.stderr}`);
    },
  );
  expect(`${stdout}${stderr}`).toContain('Compilation completed');
  const made = await readdir(join(folder, 'src', '__generated__'));
  expect(made.sort()).toEqual([
    'ActivityFeedPaginationQuery.graphql.ts',
    'ActivityFeed_query.graphql.ts',
    'ActivityQuery.graphql.ts',
    'ContributionListPaginationQuery.graphql.ts',
    'ContributionList_datanet.graphql.ts',
    'ContributionRow_contribution.graphql.ts',
    'DatanetHeaderRefetchQuery.graphql.ts',
    'DatanetHeader_datanet.graphql.ts',
    'DatanetPageQuery.graphql.ts',
  ]);

  // The operations as Relay would send them: with __typename, id and cursor where it wants them.
  const queries = Object.values(
    JSON.parse(await readFile(join(folder, 'queries.json'), 'utf8')) as Record<string, string>,
  );
  expect(queries).toHaveLength(5);
  const named = (name: string) => queries.find((query) => query.startsWith(`query ${name}`))!;
  const { datanet } = await ask(named('DatanetPageQuery'), { number: '1' });
  const { edges, pageInfo } = datanet!.contributions;
  expect(edges).toHaveLength(5);
  const { node } = await ask(named('ContributionListPaginationQuery'), {
    id: datanet!.id,
    count: 100,
    cursor: pageInfo.endCursor,
  });
  expect(edges.length + node!.contributions.edges.length).toBe(datanet!.contributionCount);
});

type Datanet = {
  id: string;
  contributionCount: number;
  contributions: { edges: unknown[]; pageInfo: { endCursor: string } };
};

async function ask(query: string, variables: object): Promise<{ datanet?: Datanet; node?: Datanet }> {
  const response = await fetch(`${inject('apiUrl')}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: { datanet?: Datanet; node?: Datanet }; errors?: unknown };
  expect(errors).toBeUndefined();
  return data;
}
