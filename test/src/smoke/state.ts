import type { Session } from '../drive/session.ts';
import type { GraphqlClient, Row } from './graphql.ts';

/** One list of the api, and what the contracts say about each of its rows now. */
export type StateCheck = {
  readonly list: string;
  readonly selection: string;
  /** The row's fields as the contracts have them; undefined where a contract keeps nothing about the row. */
  readonly onChain: (row: Row, session: Session) => Promise<Readonly<Record<string, unknown>> | undefined>;
};

export type StateReport = { readonly checked: number; readonly surprises: readonly string[] };

const rowsAtOnce = 8;

/** Compares every row of each list, field by field, with what the contracts answer. */
export async function compareState(
  api: GraphqlClient,
  session: Session,
  checks: readonly StateCheck[],
): Promise<StateReport> {
  let checked = 0;
  const surprises: string[] = [];
  for (const { list, selection, onChain } of checks) {
    const rows = await api.rows(list, selection);
    for (let start = 0; start < rows.length; start += rowsAtOnce) {
      const some = rows.slice(start, start + rowsAtOnce);
      const expected = await Promise.all(some.map((row) => onChain(row, session)));
      for (const [index, row] of some.entries()) {
        if (expected[index] === undefined) continue;
        checked += 1;
        surprises.push(...differences(list, row, expected[index]));
      }
    }
  }
  return { checked, surprises };
}

function differences(list: string, row: Row, expected: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(expected).flatMap(([field, value]) => {
    const onChain = comparable(value);
    const found = comparable(row[field]);
    if (onChain === found) return [];
    return [`${list}.${field}: ${onChain} on chain, ${found} in GraphQL, in ${JSON.stringify(row)}`];
  });
}

/** Numbers of any kind as digits, hex in lower case. */
function comparable(value: unknown): string {
  return typeof value === 'string' && value.startsWith('0x') ? value.toLowerCase() : String(value);
}
