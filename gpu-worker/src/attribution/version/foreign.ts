import { VersionError } from './errors.ts';
import { type OwnedRows, type RowOptions, rowsOf, spreadRows } from './rows.ts';

export type ForeignOptions = RowOptions & {
  /** Texts that neither the base nor any datanet has, as a contribution's body; so many rows of them. */
  readonly foreign: string;
  readonly foreignRows: number;
};

/** The rows of contributions, then foreign ones, spread over the foreign texts. @throws VersionError for too few of these. */
export const withForeign = (
  owned: OwnedRows,
  { foreign, foreignRows, tokenizer, sequence }: ForeignOptions,
): Pick<OwnedRows, 'rows' | 'contributions'> => {
  const others = rowsOf([{ contributionId: 0n, body: foreign }], { tokenizer, sequence });
  const there = others.contributions.length;
  if (foreignRows < 1 || there < foreignRows) {
    throw new VersionError(`The foreign texts give ${there} rows; ${foreignRows} were asked, and 1 is the least`);
  }
  const taken = spreadRows(others.rows, foreignRows);
  const both = (one: Int32Array, other: Int32Array): Int32Array => {
    const all = new Int32Array(one.length + other.length);
    all.set(one);
    all.set(other, one.length);
    return all;
  };
  return {
    rows: { sequence, ids: both(owned.rows.ids, taken.ids), labels: both(owned.rows.labels, taken.labels) },
    contributions: [...owned.contributions, ...Array.from({ length: foreignRows }, () => 0n)],
  };
};
