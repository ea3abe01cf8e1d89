import { bigint, doublePrecision, index, jsonb, text } from 'drizzle-orm/pg-core';
import { app, hex, isAddress, written } from './columns.ts';

/** A figure that a worker measured, under its Prometheus name. Appended only, and dropped by age. */
export const telemetrySample = app.table(
  'telemetry_sample',
  {
    id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    worker: hex().notNull(),
    metric: text().notNull(),
    labels: jsonb().$type<Readonly<Record<string, string>>>().notNull().default({}),
    value: doublePrecision().notNull(),
    takenAt: written(),
  },
  (t) => [
    isAddress('telemetry_sample_worker_is_address', t.worker),
    index('telemetry_sample_metric_idx').on(t.metric, t.worker, t.takenAt),
    index('telemetry_sample_taken_idx').using('brin', t.takenAt),
  ],
);
