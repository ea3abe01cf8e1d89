/** Now, in Unix seconds. */
export function unixNow(): bigint {
  return BigInt(Math.floor(Date.now() / 1000));
}

/** Unix seconds as people and machines read them: 2026-01-31T12:00:00Z. */
export function isoTime(seconds: bigint): string {
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, -5)}Z`;
}

/** The whole second that a moment lies in, Unix. */
export function unixSeconds(moment: Date): bigint {
  return BigInt(Math.floor(moment.getTime() / 1000));
}
