import { join } from 'node:path';
import { adapterHash } from '@openledger/gpu-worker/lora';
import { openOnnxEngine } from '@openledger/gpu-worker/serving';

// A process of its own, so that what it takes is the engine's: `node memory.ts <job as JSON>` prints bytes after loading.

export type MemoryJob = {
  readonly folder: string;
  readonly threads: number;
  readonly rows: number;
  readonly maxRank: number;
  /** Where adapters 0 to count − 1 are. */
  readonly parent: string;
  readonly count: number;
};

const { parent, count, ...options }: MemoryJob = JSON.parse(process.argv[2]!);
const engine = await openOnnxEngine({ ...options, queue: 1 });
for (let number = 0; number < count; number++) {
  const folder = join(parent, `${number}`);
  await engine.load({ hash: await adapterHash(folder), folder });
}
process.stdout.write(`${process.memoryUsage.rss()}\n`);
await engine.close();
