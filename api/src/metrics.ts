import type { Connection } from '@openledger/db';
import { outboxMessage } from '@openledger/db/app';
import { and, eq, inArray, sql } from 'drizzle-orm';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ApiDatabase } from './context.ts';
import { APPLICATION_NAME, CONNECTIONS } from './database.ts';
import type { Halt } from './halt.ts';
import type { Outlook } from './head.ts';
import type { Workers } from './infer/workers.ts';
import type { IndexStatus } from './status.ts';

export type Metrics = ReturnType<typeof createMetrics>;

type Sources = {
  readonly db: ApiDatabase;
  readonly status: () => Promise<IndexStatus>;
  readonly readHalt: () => Promise<Halt | null>;
  readonly look: () => Promise<Outlook>;
  /** Subscriptions that are open in this process. */
  readonly subscriptions: () => number;
  readonly app: Connection;
  readonly workers: Pick<Workers, 'underWay' | 'refusals'>;
};

/** What this process counts, in Prometheus' words. */
export function createMetrics({ db, status, readHalt, look, subscriptions, app, workers }: Sources) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];

  const requests = new Counter({
    name: 'openledger_api_requests_total',
    help: 'HTTP requests by route and status.',
    labelNames: ['route', 'status'],
    registers,
  });
  const duration = new Histogram({
    name: 'openledger_api_request_duration_seconds',
    help: 'Time to answer an HTTP request by route.',
    labelNames: ['route'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const errors = new Counter({
    name: 'openledger_api_graphql_errors_total',
    help: 'GraphQL errors by extensions.code.',
    labelNames: ['code'],
    registers,
  });

  new Gauge({
    name: 'openledger_api_db_pool_max',
    help: 'Database connections this process opens at most.',
    registers,
    collect() {
      this.set(CONNECTIONS);
    },
  });
  new Gauge({
    name: 'openledger_api_db_connections',
    help: 'Database connections of all API processes by state, as Postgres sees them.',
    labelNames: ['state'],
    registers,
    async collect() {
      this.reset();
      const rows = await db
        .execute<{ state: string; connections: number }>(
          sql`select coalesce(state, 'other') as state, count(*)::int as connections from pg_stat_activity
              where application_name = ${APPLICATION_NAME} and datname = current_database() group by 1`,
        )
        .catch(() => []);
      for (const { state, connections } of rows) this.set({ state }, connections);
    },
  });

  new Gauge({
    name: 'openledger_api_subscriptions',
    help: 'Subscriptions that are open in this process.',
    registers,
    collect() {
      this.set(subscriptions());
    },
  });
  new Gauge({
    name: 'openledger_api_worker_requests',
    help: 'Questions to model workers that are under way in this process.',
    registers,
    collect() {
      this.set(workers.underWay());
    },
  });
  new Counter({
    name: 'openledger_api_worker_refusals_total',
    help: 'Questions that a model worker did not answer, by HTTP status; none where it was not reached or broke off.',
    labelNames: ['status'],
    registers,
    collect() {
      this.reset();
      for (const [status, count] of workers.refusals()) this.inc({ status }, count);
    },
  });
  new Gauge({
    name: 'openledger_webhook_messages_waiting',
    help: 'Messages to webhooks that are not delivered yet, of all API processes; NaN while unknown.',
    registers,
    async collect() {
      const waiting = and(eq(outboxMessage.channel, 'webhook'), inArray(outboxMessage.state, ['pending', 'sending']));
      this.set(await app.db.$count(outboxMessage, waiting).catch(() => Number.NaN));
    },
  });

  type Reading = bigint | number | null | undefined;
  const gauge = (name: string, help: string, read: () => Promise<Reading>) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.set(Number((await read().catch(() => null)) ?? Number.NaN));
      },
    });
  const ofIndex = (name: string, help: string, pick: (current: IndexStatus) => Reading) =>
    gauge(`openledger_index_${name}`, help, async () => pick(await status()));
  ofIndex('block', 'Last block indexed; NaN while unknown.', ({ own }) => own?.indexed?.block);
  ofIndex(
    'final_block',
    'Newest block that can no longer be taken back; NaN while unknown.',
    ({ own }) => own?.finalBlock,
  );
  ofIndex('lag_blocks', 'Blocks the index is behind the chain; NaN while unknown.', ({ lag }) => lag?.blocks);
  ofIndex('lag_seconds', 'Seconds the index is behind the chain; NaN while unknown.', ({ lag }) => lag?.seconds);
  gauge('openledger_index_ready', '1 when the index is published and caught up.', () =>
    status().then(
      ({ ready }) => Number(ready),
      () => 0,
    ),
  );
  gauge('openledger_index_halted', '1 when the indexer has halted and needs its operator; NaN while unknown.', () =>
    readHalt().then((halt) => Number(halt !== null)),
  );

  const ofChain = (name: string, help: string, pick: (current: Outlook) => Reading) =>
    gauge(`openledger_chain_${name}`, help, async () => pick(await look()));
  ofChain('head_block', 'Newest block that a node has told of; NaN before.', ({ head }) => head?.block);
  ofChain('head_timestamp_seconds', 'The time of that block, Unix seconds; NaN before.', ({ head }) => head?.timestamp);
  ofChain(
    'silence_seconds',
    'Seconds since a node last answered; NaN before.',
    ({ head }) => head && (performance.now() - head.at) / 1000,
  );
  ofChain('nodes', 'Nodes that are asked for the head.', ({ nodes }) => nodes.total);
  ofChain('nodes_up', 'Those of them whose last answer was right.', ({ nodes }) => nodes.up);

  return {
    registry,
    observeRequest(route: string, httpStatus: number, seconds: number) {
      requests.inc({ route, status: httpStatus });
      duration.observe({ route }, seconds);
    },
    countError(code: string) {
      errors.inc({ code });
    },
  };
}
