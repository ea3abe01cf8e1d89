import type { KnownContribution, VersionData } from '../version/index.ts';

/**
 * A version's data with the contributions of passages that an answer was given: datanets go on after a version was trained, and
 * what they have since is found as well. Recomputing a receipt needs them as making it did.
 *
 * @param passages of the evidence's `retrieval`. @param contributionsOf looks contributions up on chain.
 */
export const withRetrieved = async <Version extends Pick<VersionData, 'contributions'>>(
  version: Version,
  passages: readonly { readonly contributionId: string }[],
  contributionsOf: (ids: readonly bigint[]) => Promise<ReadonlyMap<bigint, KnownContribution>>,
): Promise<Version> => {
  const ids = [...new Set(passages.map(({ contributionId }) => BigInt(contributionId)))];
  const missing = ids.filter((id) => !version.contributions.has(id));
  if (missing.length === 0) return version;
  return { ...version, contributions: new Map([...version.contributions, ...(await contributionsOf(missing))]) };
};
