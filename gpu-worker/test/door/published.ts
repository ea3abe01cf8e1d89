import { pathToFileURL } from 'node:url';
import type { Connection } from '@openledger/db';
import { datanet, deployment, model, modelTraining, modelVersion } from '@openledger/db/chain';
import type { Hex } from '@openledger/protocol';
import { computeAddress, id as idOf } from 'ethers';
import type { WrittenAdapter } from '../engine/adapters.ts';
import { address, hash, workerKey } from './stage.ts';

export const workerAddress = computeAddress(workerKey).toLowerCase() as Hex;
export const modelOwner = address(0x501);
export const datanetOwner = address(0x502);

const provenance = { createdBlock: 1n, createdAt: 1_790_000_000n, createdTx: hash(1), updatedBlock: 1n, updatedAt: 1n };

export type Published = {
  readonly id: bigint;
  readonly name: string;
  readonly adapter: Pick<WrittenAdapter, 'hash' | 'folder'>;
  readonly inPer1k?: bigint;
  readonly outPer1k?: bigint;
  readonly status?: 'draft' | 'active';
  /** Trained on a datanet that not everybody may see. */
  readonly isPrivate?: boolean;
};

/** Puts a model on chain, as the indexer would write it, deployed on the tests' worker. */
export const publish = async ({ db }: Connection, published: Published): Promise<void> => {
  const { id, name, adapter, inPer1k = 0n, outPer1k = 0n, status = 'active', isPrivate = false } = published;
  const counts = { inferences: 0n, inTokens: 0n, outTokens: 0n, fees: 0n };
  await db.insert(model).values({
    ...{
      id,
      owner: modelOwner,
      baseModelId: idOf('openledger/base') as Hex,
      name,
      uri: 'ipfs://card',
      status,
      inPer1k,
      outPer1k,
    },
    ...counts,
    ...provenance,
  });
  await db.insert(modelVersion).values({
    ...{ modelId: id, version: 1, adapterHash: adapter.hash, adapterUri: pathToFileURL(adapter.folder).href },
    ...{ manifestHash: hash(8), rank: 8 },
    ...provenance,
  });
  if (isPrivate) {
    await db.insert(datanet).values({
      ...{
        id,
        owner: datanetOwner,
        name,
        uri: 'ipfs://datanet',
        uriHash: hash(7),
        visibility: 'private',
        status: 'active',
      },
      ...{ minBond: 0n, scoreThreshold: 0n, quorum: 1, reviewWindow: 0n, rows: 0n, attributed: 0n },
      ...provenance,
    });
    await db
      .insert(modelTraining)
      .values({ modelId: id, modelVersion: 1, datanetId: id, datanetVersion: 1, dataRoot: hash(6), ...provenance });
  }
  await db.insert(deployment).values({ modelId: id, worker: workerAddress, version: 1, active: true, ...provenance });
};
