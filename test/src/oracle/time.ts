/** A length of the rollups. */
export type Length = 'hour' | 'day';

export const lengths: readonly Length[] = ['hour', 'day'];

const seconds = { hour: 3_600n, day: 86_400n } as const;

/** When the UTC hour or day began that holds a time; both in Unix seconds. */
export const startOf = (length: Length, timestamp: bigint): bigint => timestamp - (timestamp % seconds[length]);
