import { migrate } from '@openledger/db';
import { activity } from '@openledger/db/chain';
import { chainDdl, checkpointOf, createTestDatabase } from '@openledger/db/testing';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { inject } from 'vitest';
import { address, CHAIN_ID, hash } from './world.ts';

type Event = Partial<typeof activity.$inferInsert>;

const START = 1_790_000_000n;
const digits = (value: bigint | number, length: number) => value.toString().padStart(length, '0');
/** Blocks are 2 s apart. */
export const timeOf = (block: number) => START + 2n * BigInt(block);
export const eventIdOf = (block: number, log: number, chainId = CHAIN_ID, timestamp = timeOf(block)) =>
  `${timestamp}${digits(chainId, 16)}${digits(block, 16)}${digits(0, 16)}5${digits(log, 16)}`;

/** An index as the indexer writes it, block by block, with chains that tests can take back. */
export async function createIndex() {
  const database = await createTestDatabase(inject('emptyUrl'));
  const sql = postgres(database.url, { max: 2, onnotice: () => {} });
  for (const statement of chainDdl()) await sql.unsafe(statement);
  await migrate(database.url);
  const db = drizzle({ client: sql });
  await sql.unsafe(`insert into chain._ponder_meta values ('app', '{"is_ready": 1}')`);

  const rowsOf = (chainId: bigint, block: number, events: readonly Event[]) =>
    events.map((event, log) => ({
      id: eventIdOf(block, log, chainId, event.timestamp),
      chainId,
      block: BigInt(block),
      timestamp: timeOf(block),
      txHash: hash(block),
      logIndex: log,
      contract: address(900),
      contractName: 'DatanetRegistry',
      event: 'ContributionSubmitted',
      actor: address(1),
      subjectType: 'contribution',
      subjectId: `${block}${log}`,
      args: {},
      ...event,
    }));
  const addChain = (chainId: bigint, final: number) =>
    sql`insert into chain._ponder_checkpoint ${sql({
      chain_name: `chain-${chainId}`,
      chain_id: chainId.toString(),
      safe_checkpoint: checkpointOf(chainId, BigInt(final), timeOf(final)),
      latest_checkpoint: checkpointOf(chainId, BigInt(final), timeOf(final)),
      finalized_checkpoint: checkpointOf(chainId, BigInt(final), timeOf(final)),
    })}`;
  await addChain(CHAIN_ID, 0);

  return {
    /** Makes it as it was in the beginning. */
    reset: async () => {
      await sql.unsafe(`drop schema if exists indexer cascade; delete from chain.activity; delete from chain._ponder_checkpoint; delete from chain.reward_account;
        delete from chain.contribution; delete from chain.inference; delete from chain.account; delete from app.submission;
        delete from app.intake_verdict; delete from app.relay;
        update chain._ponder_meta set value = '{"is_ready": 1}'`);
      await addChain(CHAIN_ID, 0);
    },
    url: database.url,
    sql,
    addChain,
    /** Writes a block and its events in one transaction, and notifies, as Ponder does. */
    block: async (block: number, events: readonly Event[] = [], chainId = CHAIN_ID) => {
      await db.transaction(async (tx) => {
        const rows = rowsOf(chainId, block, events);
        for (let from = 0; from < rows.length; from += 1000)
          await tx.insert(activity).values(rows.slice(from, from + 1000));
        await tx.execute(
          `update chain._ponder_checkpoint set latest_checkpoint = '${checkpointOf(chainId, BigInt(block), timeOf(block))}' where chain_id = ${chainId}`,
        );
        await tx.execute(`select pg_notify('chain_live_query', '["activity"]')`);
      });
    },
    /** Takes back everything above a block, and says nothing of it, as Ponder does. */
    revert: (ancestor: number, chainId = CHAIN_ID) =>
      sql`delete from chain.activity where chain_id = ${chainId.toString()} and block > ${ancestor}`,
    finalize: async (block: number, chainId = CHAIN_ID) => {
      await sql`update chain._ponder_checkpoint
        set finalized_checkpoint = ${checkpointOf(chainId, BigInt(block), timeOf(block))} where chain_id = ${chainId.toString()}`;
    },
    drop: async () => {
      await sql.end();
      await database.drop();
    },
  };
}

export type TestIndex = Awaited<ReturnType<typeof createIndex>>;

// Each test knows what it asked for.
// biome-ignore lint/suspicious/noExplicitAny: as above
export type Message = { readonly id: string | undefined; readonly data: any; readonly errors?: any[] };

export type TestStream = {
  /** The next message; undefined once the stream has ended. */
  readonly next: () => Promise<Message | undefined>;
  readonly take: (count: number) => Promise<Message[]>;
  /** Heartbeats so far. */
  readonly beats: () => number;
  /** Hangs up, as a client does whose connection drops. */
  readonly drop: () => void;
};

/** Subscribes over HTTP, and waits until the stream has begun. */
export async function subscribe(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<TestStream> {
  const abort = new AbortController();
  return read(
    await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
      body: JSON.stringify({ query, variables }),
      signal: abort.signal,
    }),
    abort,
  );
}

/** Subscribes as a browser's EventSource does, with GET. */
export async function listen(url: string, query: string, headers: Record<string, string> = {}): Promise<TestStream> {
  const abort = new AbortController();
  const address = `${url}/graphql?query=${encodeURIComponent(query)}`;
  return read(
    await fetch(address, { headers: { accept: 'text/event-stream', ...headers }, signal: abort.signal }),
    abort,
  );
}

function read(response: Response, abort: AbortController): TestStream {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  let beats = 0;
  const frame = async (): Promise<string | undefined> => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const found = text.slice(0, end);
        text = text.slice(end + 2);
        return found;
      }
      const { done, value } = await reader.read();
      if (done) return undefined;
      text += value;
    }
  };
  const next = async (): Promise<Message | undefined> => {
    for (;;) {
      const found = await frame();
      if (found === undefined) return undefined;
      const lines = found
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]);
      const field = (name: string) => lines.find(([key]) => key === name)?.[1]?.trim();
      if (field('event') === 'complete') return undefined;
      if (field('event') === 'next') return { id: field('id'), ...JSON.parse(field('data')!) };
      beats += 1;
    }
  };
  return {
    next,
    take: async (count) => {
      const taken: Message[] = [];
      while (taken.length < count) {
        const message = await next();
        if (message === undefined) throw new Error(`the stream ended after ${taken.length} messages of ${count}`);
        if (message.errors) throw new Error(JSON.stringify(message.errors));
        taken.push(message);
      }
      return taken;
    },
    beats: () => beats,
    drop: () => abort.abort(),
  };
}
