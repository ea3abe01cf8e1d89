import {
  ApolloClient,
  CombinedGraphQLErrors,
  gql,
  HttpLink,
  InMemoryCache,
  type TypedDocumentNode,
} from '@apollo/client';
import { relayStylePagination } from '@apollo/client/utilities';
import { expect, inject, test } from 'vitest';

const connect = () =>
  new ApolloClient({
    link: new HttpLink({ uri: `${inject('apiUrl')}/graphql`, fetch }),
    cache: new InMemoryCache({
      typePolicies: { Query: { fields: { inferences: relayStylePagination(['filter', 'orderBy']) } } },
    }),
  });

type Inference = { requestId: string; fee: string; model: { name: string } };
const Inferences: TypedDocumentNode<
  {
    inferences: {
      totalCount: number;
      edges: { cursor: string; node: Inference }[];
      pageInfo: { endCursor: string | null; hasNextPage: boolean };
    };
  },
  { first: number; after?: string; modelId?: string }
> = gql`
  query Inferences($first: Int!, $after: String, $modelId: BigInt) {
    inferences(first: $first, after: $after, filter: { modelId: { eq: $modelId } }) {
      totalCount
      edges { cursor node { id requestId fee model { id name } } }
      pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
    }
  }
`;

test('Apollo Client merges the pages that fetchMore brings into one list in its cache', async () => {
  const client = connect();
  const list = client.watchQuery({ query: Inferences, variables: { first: 4, modelId: '1' } });
  const seen = list.subscribe({});
  const first = await client.query({ query: Inferences, variables: { first: 4, modelId: '1' } });
  const total = first.data!.inferences.totalCount;
  expect(total).toBeGreaterThan(8);

  let { pageInfo } = first.data!.inferences;
  while (pageInfo.hasNextPage) {
    const more = await list.fetchMore({ variables: { after: pageInfo.endCursor! } });
    pageInfo = more.data!.inferences.pageInfo;
  }
  const cached = client.readQuery({ query: Inferences, variables: { first: 4, modelId: '1' } });
  const ids = cached!.inferences.edges.map(({ node }) => node.requestId);
  expect(ids).toHaveLength(total);
  expect(new Set(ids).size).toBe(total);
  seen.unsubscribe();
  client.stop();
});

test('Apollo Client knows a row again by its id: what a list brought, a detail page reads from the cache', async () => {
  const client = connect();
  const { data } = await client.query({ query: Inferences, variables: { first: 1, modelId: '2' } });
  const cache = client.extract() as Record<string, { __typename: string; name?: string }>;
  const model = Object.entries(cache).find(([, row]) => row.__typename === 'Model')!;
  expect(model[1].name).toBe(data!.inferences.edges[0]!.node.model.name);

  const id = model[0].slice('Model:'.length);
  const Detail = gql`
    query Detail($id: ID!) {
      node(id: $id) { id ... on Model { modelId name versions { nodes { id version } } } }
    }
  `;
  const detail = await client.query<{ node: { name: string; versions: { nodes: unknown[] } } }>({
    query: Detail,
    variables: { id },
  });
  expect(detail.data!.node.name).toBe(model[1].name);
  expect(detail.data!.node.versions.nodes).toHaveLength(2);
  client.stop();
});

test('Apollo Client gets errors with the code to branch on, and the part of the answer that there is', async () => {
  const client = connect();
  const Mixed = gql`
    query Mixed { datanet(id: 1) { id name } node(id: "nonsense") { id } }
  `;
  const { data, error } = await client.query<{ datanet: { name: string }; node: null }>({
    query: Mixed,
    errorPolicy: 'all',
  });
  expect(data).toMatchObject({ datanet: { name: 'Licences' }, node: null });
  expect(CombinedGraphQLErrors.is(error) && error.errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
  client.stop();
});
