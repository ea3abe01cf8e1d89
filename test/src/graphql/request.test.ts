import { ClientError, GraphQLClient, gql, request } from 'graphql-request';
import { expect, inject, test } from 'vitest';

const url = `${inject('apiUrl')}/graphql`;
const client = new GraphQLClient(url);

test('graphql-request reads a page with a list, a detail and how fresh both are', async () => {
  const data = await request(
    url,
    gql`
      query Page($owner: Address!) {
        _meta { block chainId }
        datanets(filter: { ownerAddress: { eq: $owner } }) { totalCount nodes { datanetId name } }
        account(address: $owner) { address eventCount datanets { totalCount } }
      }
    `,
    { owner: '0x0000000000000000000000000000000000000001' },
  );
  expect(data).toMatchObject({
    _meta: { block: '5000', chainId: '31337' },
    datanets: { totalCount: 2 },
    account: { address: '0x0000000000000000000000000000000000000001', datanets: { totalCount: 2 } },
  });
});

test('graphql-request pages backwards through everything', async () => {
  type Activity = {
    activity: { pageInfo: { hasPreviousPage: boolean; startCursor: string }; nodes: { eventId: string }[] };
  };
  const seen: string[] = [];
  let before: string | null = null;
  do {
    const { activity }: Activity = await client.request<Activity>(
      gql`
        query Backwards($before: String) {
          activity(last: 9, before: $before) { pageInfo { hasPreviousPage startCursor } nodes { eventId } }
        }
      `,
      { before },
    );
    seen.unshift(...activity.nodes.map(({ eventId }) => eventId));
    before = activity.pageInfo.hasPreviousPage ? activity.pageInfo.startCursor : null;
  } while (before !== null);
  const { activity } = await client.request<{ activity: { totalCount: number } }>('{ activity { totalCount } }');
  expect(seen).toHaveLength(activity.totalCount);
  expect(seen).toEqual([...seen].sort().reverse());
});

test('graphql-request throws what is wrong, with its code and where in the document', async () => {
  const failure = await client
    .request('query($id: BigInt!) { datanet(id: $id) { id } }', { id: 'one' })
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ClientError);
  const { status, errors } = (failure as ClientError).response;
  expect(status).toBe(400);
  expect(errors?.[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' }, locations: [{ line: 1, column: 7 }] });
});
