/** The least of the values that `quantile` parts per million of them do not pass, by nearest rank; 0 where there are none. */
export const nearestRank = (values: Float64Array, quantile: number): number =>
  values.toSorted()[Math.max(1, Math.ceil((quantile * values.length) / 1e6)) - 1] ?? 0;
