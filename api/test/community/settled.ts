import type { Hex } from '@openledger/db/chain';
import { id as keccakOf } from 'ethers';
import type { Rows } from '../world.ts';
import { answers, attribution, earned, FINAL_ANSWERS, requestOf, rewardRoot, textOf } from './answers.ts';
import { at, event, milli, OPEN, people, provenance } from './base.ts';

const { alice, bruno, chiara, hana, worker } = people;

/** Answers, what shaped them, and what was paid for that. */
export const settledRows = (): Partial<Rows> =>
  ({
    inference: answers.map(({ block, inTokens, outTokens }, n) => ({
      requestId: requestOf(n),
      eventId: event(block).id,
      modelId: 1n,
      worker,
      payer: hana,
      version: 2,
      inTokens,
      outTokens,
      fee: OPEN * 2n,
      outputHash: keccakOf(textOf(n)) as Hex,
      platformFee: milli(100n),
      modelFee: milli(600n),
      workerFee: milli(500n),
      stakersFee: milli(100n),
      contributorsFee: milli(700n),
      attributionStatus: n < FINAL_ANSWERS ? ('final' as const) : ('posted' as const),
      batchId: n < FINAL_ANSWERS ? 1n : 2n,
      unattributed: 0n,
      ...provenance(block),
    })),
    algorithm: [
      {
        id: keccakOf('influence') as Hex,
        active: true,
        uri: 'openledger:content/influence',
        uriHash: keccakOf('influence uri') as Hex,
        ...provenance(5),
      },
    ],
    attributionBatch: [
      {
        id: 1n,
        requests: 3,
        status: 'finalized' as const,
        block: 102_000,
        closedAt: at(110_000),
        attributed: milli(2100n),
      },
      { id: 2n, requests: 1, status: 'posted' as const, block: 131_000, closedAt: null, attributed: milli(700n) },
    ].map(({ block, id, ...row }) => ({
      ...row,
      id,
      worker,
      algorithmId: keccakOf('influence') as Hex,
      root: keccakOf(`batch ${id}`) as Hex,
      evidenceHash: keccakOf(`evidence ${id}`) as Hex,
      uri: `openledger:content/${keccakOf(`evidence ${id}`)}`,
      challengeDeadline: at(block + 7_000),
      unattributed: 0n,
      ...provenance(block),
    })),
    attributionRequest: answers.map((_, n) => ({
      batchId: n < FINAL_ANSWERS ? 1n : 2n,
      requestId: requestOf(n),
      modelId: 1n,
      contributions: answers[n]!.parts.length,
      attributed: milli(700n),
      unattributed: 0n,
      status: n < FINAL_ANSWERS ? ('final' as const) : ('posted' as const),
      ...provenance(n < FINAL_ANSWERS ? 102_000 : 131_000),
    })),
    attribution,
    epoch: [
      {
        id: 1n,
        start: at(0),
        end: at(112_000),
        total: milli(2100n),
        status: 'accepted' as const,
        root: rewardRoot,
        ...provenance(112_000, 118_000),
      },
    ],
    rewardRoot: [
      {
        ...event(112_500),
        epochId: 1n,
        root: rewardRoot,
        ipfsHash: keccakOf('tree') as Hex,
        uri: 'openledger:content/tree',
        validAt: at(118_000),
        proposer: alice,
        status: 'accepted' as const,
      },
    ],
    claim: [{ ...event(120_000), account: bruno, amount: earned(bruno), cumulative: earned(bruno) }],
    rewardAccount: [
      { account: bruno, attributed: earned(bruno), claimed: earned(bruno), claims: 1, ...provenance(110_000, 120_000) },
      { account: chiara, attributed: earned(chiara), claimed: 0n, claims: 0, ...provenance(110_000) },
    ],
  }) as Partial<Rows>;
