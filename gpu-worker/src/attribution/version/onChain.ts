import type { Sql } from '@openledger/db';
import type { Hex } from '@openledger/protocol';
import { cardBenchmarkId } from '@openledger/protocol/attribution';
import { VersionError } from './errors.ts';
import type { KnownContribution } from './versionData.ts';

/** What the chain says of a version that is to be attributed. */
export type VersionOnChain = {
  readonly modelId: bigint;
  readonly version: number;
  readonly adapterHash: Hex;
  readonly manifestHash: Hex;
  /** Datanet versions it was trained on, ascending. */
  readonly datanets: readonly { readonly datanetId: bigint; readonly version: number; readonly dataRoot: Hex }[];
  /** Where the attribution cards are that it was evaluated with, the latest first. */
  readonly cardUris: readonly string[];
};

/** @throws VersionError for a version that the index does not have. */
export const readOnChain = async (sql: Sql, modelId: bigint, version: number): Promise<VersionOnChain> => {
  const id = sql`${String(modelId)}::text::numeric`;
  const [[found], datanets, cards] = await Promise.all([
    sql<{ adapterHash: Hex; manifestHash: Hex }[]>`
      select adapter_hash as "adapterHash", manifest_hash as "manifestHash"
      from chain.model_version where model_id = ${id} and version = ${version}`,
    sql<{ datanetId: bigint; version: number; dataRoot: Hex }[]>`
      select datanet_id as "datanetId", datanet_version as version, data_root as "dataRoot"
      from chain.model_training where model_id = ${id} and model_version = ${version}
      order by datanet_id, datanet_version`,
    sql<{ uri: string }[]>`
      select uri from chain.model_evaluation
      where model_id = ${id} and version = ${version} and benchmark_id = ${cardBenchmarkId} order by id desc limit 16`,
  ]);
  if (found === undefined) throw new VersionError(`Version ${version} of model ${modelId} is not published on chain`);
  return { modelId, version, ...found, datanets, cardUris: cards.map(({ uri }) => uri) };
};

/** Contributions by their ids, as the index has them. */
export const readContributions = async (
  sql: Sql,
  ids: readonly bigint[],
): Promise<ReadonlyMap<bigint, KnownContribution>> => {
  const rows = await sql<(KnownContribution & { id: bigint })[]>`
    select id, content_hash as "contentHash", contributor from chain.contribution
    where id = any(${ids.map(String)}::text[]::numeric[])`;
  return new Map(rows.map(({ id, ...known }) => [BigInt(id), known]));
};
