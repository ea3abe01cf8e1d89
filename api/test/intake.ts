import { type Connection, createDatabase, migrate, putContents } from '@openledger/db';
import { deployment } from '@openledger/db/app';
import { account, chainRelations, contribution, datanet, type Hex, modelTraining } from '@openledger/db/chain';
import { chainDdl, createTestDatabase } from '@openledger/db/testing';
import { connectDatabase } from '../src/database.ts';
import {
  type Judgement,
  judgeSubmission,
  recordFingerprint,
  recordVerdict,
  type Submission,
} from '../src/intake/index.ts';

export const genesisHash: Hex = `0x${'01'.repeat(32)}`;
export const address = (number: number): Hex => `0x${number.toString(16).padStart(40, '0')}`;

type Given = Partial<Submission> & Pick<Submission, 'body'>;

/** A database with both schemas, and intake as the API uses it: judged, and what is not refused is kept. */
export type Desk = {
  readonly app: Connection;
  judge(given: Given | string): Promise<Judgement>;
  /** Judges, and records what comes of it in one transaction. */
  submit(given: Given | string): Promise<Judgement>;
  /** A datanet of an owner's. */
  addDatanet(id: bigint, owner: Hex): Promise<void>;
  /** A model version trained on these datanets. */
  train(modelId: bigint, datanetIds: readonly bigint[]): Promise<void>;
  /** As the indexer would write it once it is on chain. */
  addContribution(id: bigint, datanetId: bigint, contributor: Hex, contentHash: Hex): Promise<void>;
  /** An account first seen some seconds ago. */
  addAccount(address: Hex, secondsAgo: number): Promise<void>;
  close(): Promise<void>;
};

const provenance = {
  createdBlock: 1n,
  createdAt: 1n,
  createdTx: `0x${'02'.repeat(32)}`,
  updatedBlock: 1n,
  updatedAt: 1n,
} as const;

export async function openDesk(postgresUrl: string): Promise<Desk> {
  const database = await createTestDatabase(postgresUrl);
  await migrate(database.url);
  const app = createDatabase({ url: database.url, max: 4 });
  for (const statement of chainDdl()) await app.sql.unsafe(statement);
  await app.db.insert(deployment).values({ genesisHash, chainId: 31_337n });
  const chain = connectDatabase(database.url);
  const writer = createDatabase({ url: database.url, max: 1, relations: chainRelations });
  const whole = (given: Given | string): Submission => ({
    app,
    chain: chain.db,
    genesisHash,
    datanetId: 1n,
    contributor: address(0xaa),
    license: 'CC-BY-4.0',
    ...(typeof given === 'string' ? { body: new TextEncoder().encode(given) } : given),
  });
  const judge: Desk['judge'] = (given) => judgeSubmission(whole(given));
  const desk: Desk = {
    app,
    judge,
    async submit(given) {
      const { datanetId, contributor, body } = whole(given);
      const judgement = await judge(given);
      await app.db.transaction(async (tx) => {
        await recordVerdict(tx, { genesisHash, datanetId, contributor, judgement });
        if (judgement.outcome === 'refuse') return;
        await putContents(tx, [{ mediaType: judgement.mediaType!, body }]);
        await recordFingerprint(tx, { genesisHash, datanetId, judgement });
      });
      return judgement;
    },
    async addDatanet(id, owner) {
      await writer.db.insert(datanet).values({
        id,
        owner,
        name: `datanet ${id}`,
        uri: '',
        uriHash: `0x${'00'.repeat(32)}`,
        visibility: 'public',
        status: 'active',
        minBond: 0n,
        scoreThreshold: 0n,
        quorum: 1,
        reviewWindow: 1n,
        rows: 0n,
        attributed: 0n,
        ...provenance,
      });
    },
    async train(modelId, datanetIds) {
      await writer.db.insert(modelTraining).values(
        datanetIds.map((datanetId) => ({
          modelId,
          modelVersion: 1,
          datanetId,
          datanetVersion: 1,
          dataRoot: `0x${'00'.repeat(32)}` as const,
          ...provenance,
        })),
      );
    },
    async addContribution(id, datanetId, contributor, contentHash) {
      await writer.db.insert(contribution).values({
        id,
        datanetId,
        contributor,
        relayer: contributor,
        contentHash,
        uri: '',
        licenseId: `0x${'00'.repeat(32)}`,
        rows: 1n,
        bond: 0n,
        status: 'accepted',
        score: 0n,
        attributed: 0n,
        ...provenance,
      });
    },
    async addAccount(address, secondsAgo) {
      const seen = BigInt(Math.floor(Date.now() / 1_000) - secondsAgo);
      await writer.db.insert(account).values({ address, firstSeenBlock: 1n, firstSeenAt: seen, lastActiveAt: seen });
    },
    async close() {
      await Promise.all([chain.close(), writer.close(), app.close()]);
      await database.drop();
    },
  };
  await desk.addDatanet(1n, address(1));
  return desk;
}
