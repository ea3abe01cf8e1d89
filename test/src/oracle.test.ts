import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@openledger/db/server';
import { indexedTo, type RunningIndexer, startIndexer } from '@openledger/indexer/testing';
import { formatManifest } from '@openledger/protocol/deploy';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { driveProtocol, type FreshProtocol, startFreshProtocol } from './drive/index.ts';
import {
  compareTables,
  createRpc,
  foldChain,
  readConfig,
  type State,
  type TableReport,
  verifyIndex,
} from './oracle/index.ts';
import { changeEachColumn, copySchema, rolledBack, viewsOf } from './tampering.ts';

// People are paid by what the index says. The oracle is the second opinion: if it agreed with whatever the index says,
// or could not say where the two part, a wrong index would go on paying the wrong people.

const program = join(import.meta.dirname, 'verify.ts');

let folder: string;
let server: EmbeddedPostgres;
let fresh: FreshProtocol;
let indexer: RunningIndexer;
let sql: Sql;
let env: Record<string, string>;
let head: bigint;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openledger-oracle-'));
  // Run as root, the server is another user, who has to get to its data.
  await chmod(folder, 0o755);
  [server, fresh] = await Promise.all([
    startEmbeddedPostgres({ dataDir: join(folder, 'data'), settings: { fsync: 'off' } }),
    startFreshProtocol(),
  ]);
  await driveProtocol(fresh);
  const file = join(folder, 'contracts.json');
  await writeFile(file, formatManifest(fresh.manifest));
  env = { DATABASE_URL: server.url, CHAIN_RPC_URL: fresh.rpcUrl, CONTRACTS_FILE: file };
  sql = postgres(server.url, { max: 2, onnotice: () => {} });
  indexer = await startIndexer(env);
  await indexer.ready();
  head = BigInt(await fresh.chain.call<string>('eth_blockNumber', []));
  await indexedTo(sql, head);
}, 120_000);

afterAll(async () => {
  await indexer?.stop();
  await fresh?.stop();
  await sql?.end();
  await server?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

describe('the oracle', () => {
  it('agrees with the index in every row of every table, after every event there is', async () => {
    const { manifest, rpcUrl } = fresh;
    const verdict = await verifyIndex({ databaseUrl: server.url, rpcUrl, manifest });
    expect(verdict.tables.filter(({ first }) => first !== undefined)).toEqual([]);
    expect(verdict).toMatchObject({ block: head, differences: 0 });
    // An empty table would agree with anything. Those of the published contracts are filled in a test of their own.
    const [ofPublished, ofProtocol] = [true, false].map((of) =>
      verdict.tables.filter(({ table }) => table.startsWith('published_') === of),
    );
    expect(ofProtocol!.filter(({ indexed }) => indexed === 0)).toEqual([]);
    expect(ofPublished!.filter(({ indexed, expected }) => indexed !== 0 || expected !== 0)).toEqual([]);
    expect(verdict.tables.map(({ table }) => table).sort()).toEqual(await viewsOf(sql, 'chain'));
    expect(verdict.events).toBe(verdict.tables.find(({ table }) => table === 'activity')?.indexed);
  });

  it('reads the chain alike in pages of any size, and up to any block', async () => {
    const whole = await fold();
    const paged = await fold(head, 7n);
    expect(paged.tables).toEqual(whole.tables);
    const early = await fold(head / 2n);
    const activity = [...whole.tables.activity.rows.values()];
    expect([...early.tables.activity.rows.values()]).toEqual(activity.filter(({ block }) => block <= head / 2n));
  });
});

describe('the comparison', () => {
  let state: State;

  beforeAll(async () => {
    state = await fold();
    await copySchema(sql, 'chain', 'tampered');
  });

  it('names table, row and column of a single changed value, whichever of all the columns it is', async () => {
    // The published contracts' tables are empty here.
    const isFilled = (table: string) => !table.startsWith('published_');
    const columns = await changeEachColumn(sql, 'tampered', isFilled, async (transaction, changed) => {
      expect(await columnsFound(transaction)).toEqual(changed);
    });
    expect(columns).toBeGreaterThan(350);
  });

  it('shows both values of what differs', async () => {
    const [richest] = [...state.tables.rewardAccount.rows.values()].sort((a, b) => (a.account < b.account ? -1 : 1));
    await rolledBack(sql, async (transaction) => {
      await transaction`
        update tampered.reward_account set attributed = attributed + 1 where account = ${richest!.account}`;
      const report = await tableReport(transaction, 'reward_account');
      expect(report.first).toEqual({
        table: 'reward_account',
        key: `account ${richest!.account}`,
        column: 'attributed',
        index: String(richest!.attributed + 1n),
        oracle: String(richest!.attributed),
      });
    });
  });

  it('finds a row that is lost and a row that nothing on the chain explains', async () => {
    await rolledBack(sql, async (transaction) => {
      const [lost] = await transaction<{ id: string }[]>`
        delete from tampered.claim where id = (select max(id) from tampered.claim) returning id`;
      expect(await tableReport(transaction, 'claim')).toMatchObject({
        missing: 1,
        extra: 0,
        changed: 0,
        first: { key: `id ${lost!.id}`, column: undefined, index: 'no row', oracle: 'a row' },
      });
      await transaction`
        insert into tampered.vote select (v).* from (
          select jsonb_populate_record(v, '{"voter": "0xbeef"}') as v from tampered.vote v limit 1) as copies`;
      expect(await tableReport(transaction, 'vote')).toMatchObject({
        missing: 0,
        extra: 1,
        changed: 0,
        first: { key: expect.stringMatching(/^proposal_id \d+, voter 0xbeef$/), index: 'a row', oracle: 'no row' },
      });
    });
  });

  it('catches a reader of the chain that overlooks one event', async () => {
    const { id: claimId, account } = [...state.tables.claim.rows.values()].at(-1)!;
    const claimed = state.tables.activity.rows.get(claimId)!;
    const rpc = createRpc(fresh.rpcUrl);
    const forgetful = async <answer>(method: string, parameters: readonly unknown[]): Promise<answer> => {
      const answer = await rpc<answer>(method, parameters);
      if (method !== 'eth_getLogs') return answer;
      const logs = answer as { transactionHash: string; logIndex: string }[];
      return logs.filter(
        (log) => log.transactionHash !== claimed.txHash || Number(log.logIndex) !== claimed.logIndex,
      ) as answer;
    };
    const { state: wrong } = await foldChain({ rpc: forgetful, manifest: fresh.manifest, toBlock: head });
    const reports = await compareTables(sql, 'chain', wrong.tables);
    const found = new Map(reports.flatMap(({ table, first }) => (first === undefined ? [] : [[table, first]])));
    expect([...found.keys()].sort()).toEqual([
      'account',
      'account_role_day',
      'activity',
      'claim',
      'protocol_day',
      'protocol_hour',
      'reward_account',
    ]);
    expect(found.get('reward_account')).toMatchObject({ key: `account ${account}`, column: 'claimed' });
  });

  /** Where exactly one row is found to be otherwise than it should be, and in which column first. */
  const columnsFound = async (transaction: postgres.TransactionSql): Promise<string[]> => {
    const reports = await compareTables(transaction, 'tampered', state.tables);
    return reports
      .flatMap(({ table, missing, extra, changed, first }) =>
        missing === 0 && extra === 0 && changed === 1 ? [`${table}.${first?.column}`] : [],
      )
      .sort();
  };

  const tableReport = async (transaction: postgres.TransactionSql, name: string): Promise<TableReport> => {
    const reports = await compareTables(transaction, 'tampered', state.tables);
    return reports.find(({ table }) => table === name)!;
  };
});

describe('npm run verify -- index', () => {
  it('ends well on an index that is right, with the figures last', async () => {
    const { code, stdout, stderr } = await verify(env);
    expect(stderr).toContain(`read the chain to block ${head}`);
    expect(code).toBe(0);
    expect(lastLine(stdout)).toMatchObject({ name: 'index', block: Number(head), differences: 0 });
  });

  it('ends with 1 and names the value on an index that is wrong', async () => {
    await indexer.stop();
    await copySchema(sql, 'chain', 'wrong');
    await sql`update wrong.epoch set total = total - 1 where id = 1`;
    await sql`alter schema chain rename to right_one`;
    await sql`alter schema wrong rename to chain`;
    try {
      const { code, stdout, stderr } = await verify(env);
      expect(code).toBe(1);
      expect(stderr).toMatch(/epoch\.total \(id 1\): the index says \d+, the oracle \d+$/m);
      expect(lastLine(stdout)).toMatchObject({ differences: 1 });
    } finally {
      await sql`alter schema chain rename to wrong`;
      await sql`alter schema right_one rename to chain`;
    }
  });

  it('says which variables are missing, and what they hold', async () => {
    const { code, stderr } = await verify({});
    expect(code).toBe(1);
    expect(stderr).toContain('DATABASE_URL is missing: the URL');
    expect(stderr).toContain('CHAIN_RPC_URL is missing: the JSON-RPC URL');
    expect(stderr).toContain('CONTRACTS_FILE is missing: the path');
  });

  it('says which variable leads nowhere', async () => {
    const wrong = (variables: Record<string, string>) => readConfig({ ...env, ...variables });
    await expect(wrong({ CONTRACTS_FILE: '/none.json' })).rejects.toThrow(
      /^CONTRACTS_FILE \/none\.json: cannot be read/,
    );
    await expect(wrong({ DATABASE_URL: 'mysql://127.0.0.1/x' })).rejects.toThrow(
      /^DATABASE_URL must be a URL beginning with postgres:\/\//,
    );
    await expect(wrong({ CHAIN_RPC_URL: 'localhost:8545' })).rejects.toThrow(
      /^CHAIN_RPC_URL must be a URL beginning with http:\/\//,
    );
    const config = await readConfig(env);
    const databaseUrl = new URL('/template1', server.url).href;
    await expect(verifyIndex({ ...config, databaseUrl })).rejects.toThrow(
      /^DATABASE_URL: nothing is indexed there yet/,
    );
    await expect(verifyIndex({ ...config, rpcUrl: 'http://127.0.0.1:1' })).rejects.toThrow(
      /^CHAIN_RPC_URL: eth_chainId: http:\/\/127\.0\.0\.1:1 does not answer/,
    );
    const manifest = { ...config.manifest, genesisHash: `0x${'1'.repeat(64)}` as const };
    await expect(verifyIndex({ ...config, manifest })).rejects.toThrow(
      /a chain that begins with 0x.*, the manifest's with 0x1111/,
    );
  });
});

const fold = async (toBlock = head, pageBlocks = 1_000n): Promise<State> => {
  const { rpcUrl, manifest } = fresh;
  const { state } = await foldChain({ rpc: createRpc(rpcUrl), manifest, toBlock, pageBlocks });
  return state;
};

const verify = (variables: Record<string, string>) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const environment = { PATH: process.env.PATH, ...variables };
    execFile(process.execPath, [program, 'index'], { env: environment }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });

const lastLine = (output: string): unknown => JSON.parse(output.trimEnd().split('\n').at(-1)!);
