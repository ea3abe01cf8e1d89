type Look = {
  data?: {
    _meta: { block: string };
    datanets: {
      totalCount: number;
      edges: readonly {
        node: {
          name: string;
          contributionCount: number;
          acceptedCount: number;
          rejectedCount: number;
          latestVersion: number;
        };
      }[];
    };
  };
  errors?: readonly { message: string }[];
};

const query = `{
  _meta { block }
  datanets(first: 10) { totalCount edges { node { name contributionCount acceptedCount rejectedCount latestVersion } } }
}`;

/** Asks the API what there is to see, as any client would, and draws it. */
export async function firstLook(apiUrl: string): Promise<string> {
  const response = await fetch(`${apiUrl}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = (await response.json()) as Look;
  if (data === undefined) return `GraphQL answers: ${errors?.map((error) => error.message).join('; ')}\n`;
  if (data.datanets.totalCount === 0) return 'GraphQL answers; the protocol is empty.\n';
  const most = Math.max(...data.datanets.edges.map(({ node }) => node.contributionCount), 1);
  const rows = data.datanets.edges.map(({ node }) => {
    const width = Math.round((node.acceptedCount / most) * 30);
    const bar = '█'.repeat(width).padEnd(30, '·');
    return `  ${node.name.slice(0, 26).padEnd(26)} ${bar} ${node.acceptedCount} accepted, ${node.rejectedCount} rejected of ${node.contributionCount}, version ${node.latestVersion}`;
  });
  return [`What GraphQL answers at block ${data._meta.block}:`, '', ...rows, ''].join('\n');
}

/** A model of the worker that needs neither key nor payment: a trained one where there is one, else the base. */
export async function freeModel(workerUrl: string): Promise<string | undefined> {
  const response = await fetch(`${workerUrl}/v1/models`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  if (response?.ok !== true) return undefined;
  const { data } = (await response.json()) as { data: readonly { id: string; parent: string | null }[] };
  return (data.find(({ parent }) => parent !== null) ?? data[0])?.id;
}
