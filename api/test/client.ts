import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { coreContracts } from '@openledger/protocol/deploy';
import type { ApiConfig } from '../src/index.ts';
import { createApiServer } from '../src/index.ts';
import { address, CHAIN_ID, hash } from './world.ts';

export type Answer = {
  // Each test knows what it asked for.
  readonly data: Record<string, never> | null | undefined;
  readonly errors?: readonly { message: string; path?: readonly (string | number)[]; extensions: { code: string } }[];
};

export type TestApi = {
  readonly url: string;
  /** Asks over HTTP; the answer as it came. */
  readonly ask: (
    query: string,
    variables?: Record<string, unknown>,
    headers?: Record<string, string>,
  ) => Promise<Answer & { status: number }>;
  /** Asks, and returns the data; throws what errors came instead. */
  readonly data: <T = Record<string, never>>(query: string, variables?: Record<string, unknown>) => Promise<T>;
  /** The statements that ran since the last call. */
  readonly statements: () => string[];
  readonly stop: () => Promise<void>;
};

/** What the server does whoever asks what: it looks for webhooks and their messages. */
const isByTheClock = (query: string) => /^listen |outbox_message|"webhook"|app\.webhook|advisory/.test(query);

/** The real server on a free port. Without a chain of its own, it is pointed at a port where none is. */
export async function startApi(databaseUrl: string, overrides: Partial<ApiConfig> = {}): Promise<TestApi> {
  const folder = await mkdtemp(join(tmpdir(), 'openledger-api-'));
  const contractsFile = join(folder, 'contracts.json');
  await writeFile(contractsFile, JSON.stringify(manifest));
  const log: string[] = [];
  const server = await createApiServer(
    {
      databaseUrl,
      rpcUrls: ['http://127.0.0.1:1'],
      contractsFile,
      host: '127.0.0.1',
      port: 0,
      logLevel: 'silent',
      graphiql: true,
      secret: '5e'.repeat(32),
      publicUrl: undefined,
      origins: ['*'],
      chatOperators: [],
      proxies: 0,
      budgets: unlimited,
      relayerAddress: undefined,
      introspection: true,
      suggestions: true,
      persistedOnly: false,
      webhookAllowPrivate: true,
      workersAllowPrivate: true,
      ...overrides,
    },
    { onQuery: (query) => isByTheClock(query) || log.push(query) },
  );
  const ask: TestApi['ask'] = async (query, variables, headers = {}) => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    });
    return { status: response.status, ...((await response.json()) as Answer) };
  };
  return {
    url: server.url,
    ask,
    data: async <T>(query: string, variables?: Record<string, unknown>) => {
      const answer = await ask(query, variables);
      if (answer.errors) throw new Error(`${answer.errors[0]?.message} in ${query}`);
      return answer.data as T;
    },
    statements: () => log.splice(0),
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** Tests ask faster than anybody. */
const most = 2_000_000_000;
export const unlimited: ApiConfig['budgets'] = {
  anonymous: most,
  session: most,
  keys: most,
  writes: { anonymous: most, session: most, key: most },
};

/** Where a deployment stands, as the file that names it says: integers as digits. */
export const manifest = {
  chainId: CHAIN_ID.toString(),
  genesisHash: hash(0),
  startBlock: '1',
  contracts: Object.fromEntries(coreContracts.map((name, n) => [name, address(200 + n)])),
  vesting: [
    {
      name: 'team',
      address: address(300),
      beneficiary: address(301),
      start: '1790000000',
      cliff: '1821536000',
      end: '1916144000',
      allocation: (150_000_000n * 10n ** 18n).toString(),
    },
  ],
  treasury: address(299),
};
