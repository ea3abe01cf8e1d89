type Figures = Record<string, number | bigint>;

/** A row's figures with `delta` added; counters are numbers, amounts bigints, and the two never mix. */
export const plus = <row, delta extends Partial<Figures>>(
  row: row,
  delta: delta & { [key in keyof delta]: key extends keyof row ? delta[key] : never },
) => {
  const sums: Figures = {};
  for (const key in delta) {
    const by = delta[key] as number | bigint;
    const before = (row as Figures)[key];
    sums[key] = typeof before === 'bigint' ? before + BigInt(by) : Number(before) + Number(by);
  }
  return sums as { [key in keyof delta & keyof row]: row[key] };
};
