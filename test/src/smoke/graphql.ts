/** A row as GraphQL answers it. */
export type Row = Readonly<Record<string, unknown>>;

export type Filter = Readonly<Record<string, unknown>>;

/** One number to ask the api for: how many rows a list has under a filter. */
export type CountQuery = { readonly list: string; readonly filter?: Filter | undefined };

/** The api as any program outside sees it: HTTP, and nothing else. */
export type GraphqlClient = {
  /** @throws Error with the api's messages when it refuses the document. */
  query<Data>(document: string): Promise<Data>;
  /** `totalCount` of each list, in order; many lists in one request. */
  counts(queries: readonly CountQuery[]): Promise<readonly number[]>;
  /** Every row of a list, page by page. */
  rows(list: string, selection: string): Promise<readonly Row[]>;
};

const countsAtOnce = 20;
const pageSize = 100;

export function createGraphqlClient(url: string): GraphqlClient {
  const query = async <Data>(document: string): Promise<Data> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: document }),
      signal: AbortSignal.timeout(30_000),
    });
    const answer = (await response.json()) as { data?: Data; errors?: readonly { message: string }[] };
    if (answer.errors !== undefined || answer.data === undefined || answer.data === null) {
      const messages = answer.errors?.map(({ message }) => message).join('\n') ?? `HTTP ${response.status}`;
      throw new Error(`The api refused ${document.replaceAll(/\s+/g, ' ').slice(0, 300)}\n${messages}`);
    }
    return answer.data;
  };

  const counts = async (queries: readonly CountQuery[]): Promise<readonly number[]> => {
    const found: number[] = [];
    for (let start = 0; start < queries.length; start += countsAtOnce) {
      const some = queries.slice(start, start + countsAtOnce);
      const fields = some.map(
        ({ list, filter }, index) =>
          `n${index}: ${list}${filter === undefined ? '' : `(filter: ${literal(filter)})`} { totalCount }`,
      );
      const data = await query<Record<string, { totalCount: number }>>(`{ ${fields.join('\n')} }`);
      found.push(...some.map((_, index) => data[`n${index}`]!.totalCount));
    }
    return found;
  };

  const rows = async (list: string, selection: string): Promise<readonly Row[]> => {
    const found: Row[] = [];
    let after = '';
    for (;;) {
      const page = `${list}(first: ${pageSize}${after}) { nodes { ${selection} } pageInfo { hasNextPage endCursor } }`;
      const { [list]: connection } = await query<Record<string, Connection>>(`{ ${page} }`);
      found.push(...connection!.nodes);
      if (!connection!.pageInfo.hasNextPage) return found;
      after = `, after: ${JSON.stringify(connection!.pageInfo.endCursor)}`;
    }
  };

  return { query, counts, rows };
}

type Connection = {
  readonly nodes: readonly Row[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
};

/** An enum value inside a filter: written without quotes. */
export class EnumValue {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }

  toJSON(): string {
    return this.name;
  }
}

/** A value as GraphQL writes it. */
function literal(value: unknown): string {
  if (value instanceof EnumValue) return value.name;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([key, inner]) => `${key}: ${literal(inner)}`)
      .join(', ')} }`;
  }
  return typeof value === 'bigint' ? `"${value}"` : JSON.stringify(value);
}
