import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTestDatabase } from '@openledger/db/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ConfigError, StartError } from '../../src/serving/worker.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage(inject('postgresUrl'));
});
afterAll(() => stage?.close());

test('what keeps a worker from starting is said with what to do', async () => {
  const bare = await createTestDatabase(inject('postgresUrl'));
  const taken = createServer();
  await once(taken.listen(0, '127.0.0.1'), 'listening');
  const { port } = taken.address() as AddressInfo;
  for (const [env, kind, message] of [
    [{ CONTRACTS_FILE: '/nowhere.json' }, ConfigError, /^CONTRACTS_FILE .*Deploy the contracts first/],
    [{ DATABASE_URL: 'postgres://u:secret@127.0.0.1:1/x' }, StartError, /Nothing answers at/],
    [{ DATABASE_URL: bare.url }, StartError, /npm run -w db migrate/],
    [{ WORKER_BASE: '/nowhere' }, StartError, /^The base at \/nowhere cannot be served: /],
    [{ WORKER_PORT: `${port}` }, StartError, /another process listens there already. Stop it, or set WORKER_PORT/],
  ] as const) {
    const started = stage.start(env);
    await expect(started).rejects.toThrow(kind);
    await expect(started).rejects.toThrow(message);
    await expect(started).rejects.not.toThrow(/secret/);
  }
  taken.close();
  await bare.drop();
});
