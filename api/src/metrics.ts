import { sql } from 'drizzle-orm';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ApiDatabase } from './context.ts';
import { APPLICATION_NAME, POOL_SIZE } from './database.ts';
import type { IndexStatus } from './status.ts';

export type Metrics = ReturnType<typeof createMetrics>;

/** What this process counts, in Prometheus' words. */
export function createMetrics({ db, status }: { db: ApiDatabase; status: () => Promise<IndexStatus> }) {
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
      this.set(POOL_SIZE);
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

  const ofIndex = (name: string, help: string, read: (current: IndexStatus | undefined) => number) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.set(read(await status().catch(() => undefined)));
      },
    });
  ofIndex('openledger_index_lag_blocks', 'Blocks the index is behind the chain; NaN while unknown.', (current) =>
    Number(current?.lag?.blocks ?? Number.NaN),
  );
  ofIndex('openledger_index_lag_seconds', 'Seconds the index is behind the chain; NaN while unknown.', (current) =>
    Number(current?.lag?.seconds ?? Number.NaN),
  );
  ofIndex('openledger_index_ready', '1 when the index is published and caught up.', (current) =>
    current?.ready ? 1 : 0,
  );

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
