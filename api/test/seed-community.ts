import { createDatabase, migrate, putContents } from '@openledger/db';
import { deployment, intakeVerdict, trainingRun, worker } from '@openledger/db/app';
import { keccak256, id as keccakOf, toUtf8Bytes } from 'ethers';
import { seedExplained } from './community/explained.ts';
import { community, people, texts } from './community.ts';
import { seed } from './seed.ts';
import { CHAIN_ID, hash } from './world.ts';

/** The last block that the community's index has, and the one that is final in it. */
const INDEXED = { block: 140_000n, timestamp: 1_790_280_000n };
const FINAL = { block: 139_970n, timestamp: 1_790_279_940n };

/** A community in both schemas of an empty database: what is on chain, and the texts, verdicts and workers that are not. */
export async function seedCommunity(url: string): Promise<void> {
  await Promise.all([seed(url, { rows: community(), indexed: INDEXED, final: FINAL }), migrate(url)]);
  const { db, close } = createDatabase({ url, max: 1 });
  const genesisHash = hash(0);
  try {
    await db.insert(deployment).values({ genesisHash, chainId: CHAIN_ID });
    await putContents(
      db,
      texts.map(({ text, by }) => ({
        mediaType: 'text/markdown',
        body: toUtf8Bytes(text),
        license: 'CC-BY-4.0',
        provenance: { author: by === people.bruno ? 'Bruno' : 'Chiara', source: 'own words' },
      })),
    );
    await db.insert(intakeVerdict).values(
      texts.map(({ text, by, datanet, status }) => ({
        genesisHash,
        datanetId: datanet,
        contributor: by,
        contentHash: keccak256(toUtf8Bytes(text)) as `0x${string}`,
        outcome: 'accept' as const,
        rules: '2026-11',
        findings: [
          { check: 'exact-duplicate', outcome: 'accept' as const, explanation: 'Nothing here has the same content.' },
          {
            check: 'quality',
            outcome: 'accept' as const,
            explanation: status === 'rejected' ? 'Short, but prose.' : 'Reads like a question and its answer.',
          },
        ],
        createdAt: new Date('2026-09-22T10:00:00Z'),
      })),
    );
    await db.insert(worker).values({
      genesisHash,
      address: people.worker,
      operator: people.farid,
      endpoint: 'https://worker.example',
      backend: 'onnx-cpu',
      baseModelHash: keccakOf('base file') as `0x${string}`,
      softwareVersion: '0.1.0',
      state: 'ready',
      adapterSlots: 8,
      requestSlots: 16,
      startedAt: new Date('2026-09-24T08:00:00Z'),
      lastSeenAt: new Date('2026-09-24T21:00:00Z'),
    });
    await db.insert(trainingRun).values({
      genesisHash,
      owner: people.farid,
      modelId: 1n,
      baseModelId: keccakOf('base') as `0x${string}`,
      settings: { rank: 8, learningRate: 0.0002, steps: 400 },
      seed: 7n,
      state: 'succeeded',
      progressPpm: 1_000_000,
      adapterHash: keccakOf('adapter 2') as `0x${string}`,
      metrics: { trainLoss: 1.42, evalLoss: 1.51 },
      startedAt: new Date('2026-09-23T04:00:00Z'),
      endedAt: new Date('2026-09-23T04:31:00Z'),
    });
    await seedExplained(db);
  } finally {
    await close();
  }
}
