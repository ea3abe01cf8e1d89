import { createDatabase } from '@openledger/db';
import type { Hex } from '@openledger/protocol';
import pino from 'pino';
import { type AttributionStep, createAttributor } from './attributor.ts';

/** What a process needs to attribute, as text. */
export type Place = {
  readonly databaseUrl: string;
  readonly key: Hex;
  readonly genesisHash: Hex;
  readonly escrow: Hex;
  readonly baseFolder: string;
  readonly adapterFolder: string;
};

// Run as a program: attributes what waits, until nothing does, or dies at the n-th time that it comes to a step.
if (process.argv[1] === import.meta.filename) {
  const place = JSON.parse(process.argv[2]!) as Place;
  const [step, times] = [process.argv[3] as AttributionStep | undefined, Number(process.argv[4] ?? 1)];
  const { databaseUrl, key, genesisHash, escrow, baseFolder, adapterFolder } = place;
  const connection = createDatabase({ url: databaseUrl, max: 2 });
  let seen = 0;
  const attributor = createAttributor({
    ...{ connection, databaseUrl, key, baseFolder, everyMs: 50 },
    chain: { chainId: 31_337n, genesisHash, escrow },
    store: { bring: async () => adapterFolder },
    log: pino({ level: 'silent' }),
    onStep: (at) => {
      if (at === step && ++seen === times) process.kill(process.pid, 'SIGKILL');
    },
  });
  for (;;) {
    const [row] = await connection.sql<[{ left: number }]>`select count(*)::int as left from app.attribution_task`;
    if (row.left === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await attributor.stop();
  await connection.close();
}
