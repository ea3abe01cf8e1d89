import type { Hex } from '@openledger/db/chain';
import { cardBenchmarkId } from '@openledger/protocol/attribution';
import { id as keccakOf } from 'ethers';
import type { Rows } from '../world.ts';
import { answers } from './answers.ts';
import { event, OPEN, people, provenance } from './base.ts';
import { card, cardHash } from './explained.ts';
import { treeOf, versions } from './texts.ts';

const { farid, worker } = people;

/** A model, its versions and who serves it. */
export const modelRows = (): Partial<Rows> => ({
  model: [
    {
      id: 1n,
      owner: farid,
      baseModelId: keccakOf('base') as Hex,
      name: 'Ownership Helper',
      uri: `openledger:content/${keccakOf('model')}`,
      status: 'active' as const,
      inPer1k: OPEN / 100n,
      outPer1k: OPEN / 50n,
      latestVersion: 2,
      deployments: 1,
      evaluations: 3,
      inferences: BigInt(answers.length),
      inTokens: 196n,
      outTokens: 507n,
      fees: OPEN * 8n,
      ...provenance(41_000, 130_000),
    },
  ],
  modelVersion: [1, 2].map((version) => ({
    modelId: 1n,
    version,
    adapterHash: keccakOf(`adapter ${version}`) as Hex,
    adapterUri: `openledger:content/${keccakOf(`adapter ${version}`)}`,
    manifestHash: keccakOf(`manifest ${version}`) as Hex,
    rank: 8,
    ...provenance(version === 1 ? 42_000 : 72_000),
  })),
  modelTraining: [1, 2].map((version) => ({
    modelId: 1n,
    modelVersion: version,
    datanetId: 1n,
    datanetVersion: version,
    dataRoot: treeOf(versions[version - 1]!.ids).root,
    ...provenance(version === 1 ? 42_000 : 72_000),
  })),
  modelEvaluation: [
    ...[1, 2].map((version) => ({
      ...event(version === 1 ? 42_500 : 72_500),
      modelId: 1n,
      benchmarkId: keccakOf('rust-quiz') as Hex,
      version,
      score: (OPEN * (version === 1 ? 61n : 74n)) / 100n,
      uri: 'openledger:content/evaluation',
    })),
    {
      ...event(72_600),
      modelId: 1n,
      benchmarkId: cardBenchmarkId as Hex,
      version: 2,
      score: BigInt(card.figures[0]!.lds) * 10n ** 12n,
      uri: `openledger:content/${cardHash()}`,
    },
  ],
  worker: [
    {
      address: worker,
      operator: farid,
      endpoint: 'https://worker.example',
      deployments: 1,
      inferences: BigInt(answers.length),
      earned: OPEN * 2n,
      ...provenance(41_500),
    },
  ],
  deployment: [{ modelId: 1n, worker, version: 2, active: true, ...provenance(73_000) }],
});
