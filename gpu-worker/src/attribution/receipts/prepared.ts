import type { Algorithm } from '@openledger/protocol/attribution';
import { hubness } from '../influence/index.ts';
import { leastNormOf, normalisedScores, type ScoredRows } from '../shares/index.ts';
import type { VersionData } from '../version/index.ts';

/** What is the same for all answers of a version under an algorithm. */
export type Prepared = {
  readonly rows: ScoredRows;
  readonly leastNorm: number;
};

const known = new WeakMap<VersionData, Map<string, Prepared>>();

/** Computed once for each version and algorithm, then kept as long as the version is. */
export const preparedOf = (version: VersionData, { influence }: Algorithm): Prepared => {
  const own = known.get(version) ?? new Map<string, Prepared>();
  known.set(version, own);
  const name = `${influence.normQuantile} ${influence.nullQuantile}`;
  const prepared = own.get(name) ?? prepare(version, influence);
  own.set(name, prepared);
  return prepared;
};

const prepare = (
  { store, whitening, norms, clusters }: VersionData,
  { normQuantile, nullQuantile }: Algorithm['influence'],
): Prepared => {
  const { count, contributionOf } = store;
  const leastNorm = leastNormOf(norms, { contributionOf, clusters }, normQuantile);
  const hubs = normalisedScores(hubness(store, whitening, nullQuantile), { norms, leastNorm, queryNorm: 1 });
  return { rows: { count, contributionOf, clusters, hubs }, leastNorm };
};
