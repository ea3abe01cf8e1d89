import type { Sql } from '@openledger/db';
import type { Hex } from '@openledger/protocol';
import { cardBenchmarkId } from '@openledger/protocol/attribution';

// What the index says of the chain. Addresses and hashes in lower case, amounts in wei.

export type AnswerRow = {
  readonly requestId: Hex;
  readonly modelId: bigint;
  readonly version: number;
  readonly worker: Hex;
  readonly outputHash: Hex;
  readonly contributorsFee: bigint;
  /** Of the batch that stands; null where none does. */
  readonly batchId: bigint | null;
};

export type BatchRow = {
  readonly id: bigint;
  readonly worker: Hex;
  readonly algorithmId: Hex;
  readonly root: Hex;
  readonly evidenceHash: Hex;
  readonly uri: string;
  readonly requests: number;
  readonly status: 'posted' | 'finalized' | 'revoked';
  /** Unix seconds of its block. */
  readonly createdAt: bigint;
};

export type RequestRow = { readonly requestId: Hex; readonly modelId: bigint; readonly unattributed: bigint };

/** What a batch gives a contribution for an answer. */
export type AmountRow = { readonly contributionId: bigint; readonly amount: bigint };

export type ContributionRow = {
  readonly id: bigint;
  readonly contributor: Hex;
  readonly status: 'pending' | 'accepted' | 'rejected' | 'revoked';
  /** Unix seconds; null while it is pending. */
  readonly decidedAt: bigint | null;
};

export type EpochRow = {
  readonly id: bigint;
  /** Unix seconds. */
  readonly start: bigint;
  readonly end: bigint;
  readonly total: bigint;
  readonly root: Hex | null;
  readonly status: 'closed' | 'proposed' | 'accepted';
};

export type RootRow = { readonly root: Hex; readonly ipfsHash: Hex; readonly uri: string };

export type FinalRow = {
  readonly batchId: bigint;
  readonly closedAt: bigint;
  readonly account: Hex;
  readonly amount: bigint;
};

export type ChainRows = ReturnType<typeof openChainRows>;

export const openChainRows = (sql: Sql) => ({
  answer: async (requestId: Hex): Promise<AnswerRow | undefined> => {
    const [row] = await sql<AnswerRow[]>`
      select request_id as "requestId", model_id as "modelId", version, worker, output_hash as "outputHash",
        contributors_fee as "contributorsFee", batch_id as "batchId"
      from chain.inference where request_id = ${requestId}`;
    return row;
  },
  batch: async (id: bigint): Promise<BatchRow | undefined> => {
    const [row] = await sql<BatchRow[]>`
      select id, worker, algorithm_id as "algorithmId", root, evidence_hash as "evidenceHash", uri, requests, status,
        created_at as "createdAt"
      from chain.attribution_batch where id = ${numeric(sql, id)}`;
    return row;
  },
  requestsOf: (batchId: bigint) => sql<RequestRow[]>`
    select request_id as "requestId", model_id as "modelId", unattributed
    from chain.attribution_request where batch_id = ${numeric(sql, batchId)} order by request_id`,
  amountsOf: (batchId: bigint, requestId: Hex) => sql<AmountRow[]>`
    select contribution_id as "contributionId", amount
    from chain.attribution where batch_id = ${numeric(sql, batchId)} and request_id = ${requestId}
    order by contribution_id`,
  contributions: (ids: readonly bigint[]) => sql<ContributionRow[]>`
    select id, contributor, status, decided_at as "decidedAt" from chain.contribution
    where id = any(${ids.map(String)}::text[]::numeric[]) order by id`,
  /** Whether governance allowed an algorithm, now or before. */
  isAlgorithm: async (id: Hex): Promise<boolean> => {
    const rows = await sql`select 1 from chain.algorithm where id = ${id}`;
    return rows.length > 0;
  },
  /** The score on chain of an evaluation with this card; undefined where there is none. */
  scoreOf: async (modelId: bigint, version: number, uri: string): Promise<bigint | undefined> => {
    const [row] = await sql<{ score: bigint }[]>`
      select score from chain.model_evaluation
      where model_id = ${numeric(sql, modelId)} and version = ${version} and benchmark_id = ${cardBenchmarkId} and uri = ${uri}
      order by id desc limit 1`;
    return row?.score;
  },
  adapterUri: async (modelId: bigint, version: number): Promise<string | undefined> => {
    const [row] = await sql<{ uri: string }[]>`
      select adapter_uri as uri from chain.model_version
      where model_id = ${numeric(sql, modelId)} and version = ${version}`;
    return row?.uri;
  },
  datanetVersion: async (id: bigint, version: number): Promise<{ dataRoot: Hex; uri: string } | undefined> => {
    const [row] = await sql<{ dataRoot: Hex; uri: string }[]>`
      select data_root as "dataRoot", uri from chain.datanet_version
      where datanet_id = ${numeric(sql, id)} and version = ${version}`;
    return row;
  },
  epoch: async (id: bigint): Promise<EpochRow | undefined> => {
    const [row] = await sql<EpochRow[]>`
      select id, start, "end", total, root, status from chain.epoch where id = ${numeric(sql, id)}`;
    return row;
  },
  epochBefore: async (id: bigint): Promise<{ readonly end: bigint; readonly total: bigint }> => {
    const [row] = await sql<{ end: bigint | null; total: bigint | null }[]>`
      select max("end") as end, sum(total) as total from chain.epoch where id < ${numeric(sql, id)}`;
    return { end: row?.end ?? 0n, total: row?.total ?? 0n };
  },
  /** The root that stands proposed or accepted for an epoch. */
  rootOf: async (epochId: bigint): Promise<RootRow | undefined> => {
    const [row] = await sql<RootRow[]>`
      select root, ipfs_hash as "ipfsHash", uri from chain.reward_root
      where epoch_id = ${numeric(sql, epochId)} and status <> 'revoked' order by id desc limit 1`;
    return row;
  },
  /** What each batch that became final by some moment gives each account, the batches in the order of their ends. */
  finalBy: (end: bigint) => sql<FinalRow[]>`
    select batch.id as "batchId", batch.closed_at as "closedAt", part.contributor as account, sum(part.amount) as amount
    from chain.attribution_batch batch join chain.attribution part on part.batch_id = batch.id
    where batch.status = 'finalized' and batch.closed_at <= ${end.toString()}::bigint
    group by batch.id, batch.closed_at, part.contributor order by batch.closed_at, batch.id, part.contributor`,
  /** Answers that a standing batch attributes, in the order of batches. */
  posted: async (): Promise<readonly Hex[]> => {
    const rows = await sql<{ requestId: Hex }[]>`
      select request_id as "requestId" from chain.attribution_request
      where status <> 'revoked' order by batch_id, request_id`;
    return rows.map(({ requestId }) => requestId);
  },
});

/** A whole number of any size as a parameter. */
export const numeric = (sql: Sql, value: bigint) => sql`${String(value)}::text::numeric`;
