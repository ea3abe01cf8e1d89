/** One submission whose right verdict is known. */
export type Item = {
  /** What kind of submission it is: a line of the table. */
  readonly class: string;
  readonly honest: boolean;
  readonly name: string;
  readonly body: string;
  readonly fileName: string;
  readonly license: string;
};

export const jsonl = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
export const csv = (rows: readonly (readonly string[])[]): string =>
  rows
    .map(
      (row) => `${row.map((value) => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)).join(',')}\n`,
    )
    .join('');
