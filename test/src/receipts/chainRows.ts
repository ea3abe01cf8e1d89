import type { Sql } from '@openledger/db';
import type { Hex } from '@openledger/protocol';

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

/** What a batch gives a contribution for an answer, and where that contribution stands today. */
export type AmountRow = { readonly contributionId: bigint; readonly amount: bigint; readonly contributor: Hex };

export type ContributionRow = {
  readonly id: bigint;
  readonly contributor: Hex;
  readonly status: 'pending' | 'accepted' | 'rejected' | 'revoked';
  /** Unix seconds; null while it is pending. */
  readonly decidedAt: bigint | null;
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
    select contribution_id as "contributionId", amount, contributor
    from chain.attribution where batch_id = ${numeric(sql, batchId)} and request_id = ${requestId}
    order by contribution_id`,
  contributions: (ids: readonly bigint[]) => sql<ContributionRow[]>`
    select id, contributor, status, decided_at as "decidedAt" from chain.contribution
    where id = any(${ids.map(String)}::text[]::numeric[]) order by id`,
  isAlgorithm: async (id: Hex): Promise<boolean> => {
    const rows = await sql`select 1 from chain.algorithm where id = ${id}`;
    return rows.length > 0;
  },
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
