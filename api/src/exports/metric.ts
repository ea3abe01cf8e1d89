import type { Interval } from '../analytics/calendar.ts';
import { type MetricName, metrics } from '../analytics/catalogue.ts';
import type { GroupBy } from '../analytics/frame.ts';
import { type Role, roles } from '../analytics/roles.ts';
import { computeSeries, type Measured, type MetricSeries } from '../analytics/series.ts';
import { badInput, userError } from '../errors.ts';
import type { ExportColumn, Row } from './columns.ts';
import type { Parameters } from './request.ts';

const column = (name: string, kind: ExportColumn['kind'], description: string, nullable = false): ExportColumn => ({
  name,
  kind,
  description,
  nullable,
});

export const metricColumns: readonly ExportColumn[] = [
  column('metric', 'text', 'Which.'),
  column('unit', 'text', 'In what it is counted.'),
  column('interval', 'text', 'How long a bucket is.'),
  column('start', 'time', 'The bucket’s first second.'),
  column('end', 'time', 'The second after its last.'),
  column('partial', 'boolean', 'Whether it still runs, or is cut by from or to.'),
  column('group', 'text', 'Which group; null without groups.', true),
  column('value', 'decimal', 'The metric.', true),
  column('numerator', 'decimal', 'Of a ratio.', true),
  column('denominator', 'decimal', 'Of a ratio.', true),
];

/** Computes the metric that a URL asks for: the same as the field `metric`, with the same errors. */
export async function metricOf(name: string, parameters: Parameters, context: Measured): Promise<MetricSeries> {
  if (!Object.hasOwn(metrics, name)) {
    throw userError('NOT_FOUND', `There is no metric ${name}: there are ${Object.keys(metrics).join(', ')}.`);
  }
  const oneOf = <T extends string>(parameter: string, allowed: readonly T[]): T | undefined => {
    const given = parameters.text(parameter);
    if (given === undefined || allowed.includes(given as T)) return given as T | undefined;
    throw badInput(`${parameter} is ${given}: it must be one of ${allowed.join(', ')}.`);
  };
  const request = {
    name: name as MetricName,
    interval: oneOf<Interval>('interval', ['HOUR', 'DAY', 'WEEK', 'MONTH']) ?? 'DAY',
    groupBy: oneOf<GroupBy>('groupBy', ['NONE', 'DATANET', 'MODEL', 'ROLE', 'ACCOUNT']) ?? 'NONE',
    groups: parameters.count('groups'),
    from: parameters.time('from'),
    to: parameters.time('to'),
    datanetId: parameters.id('datanet'),
    modelId: parameters.id('model'),
    account: parameters.account('account'),
    role: oneOf(
      'role',
      Object.keys(roles).map((role) => role.toUpperCase()),
    )?.toLowerCase() as Role | undefined,
  };
  parameters.done();
  return computeSeries(request, context);
}

export function metricRows({ name, metric, interval, buckets }: MetricSeries): Row[] {
  return buckets.map(({ start, end, partial, group, value, numerator, denominator }) => ({
    metric: name,
    unit: metric.unit,
    interval,
    start: start.toString(),
    end: end.toString(),
    partial,
    group,
    value,
    numerator: numerator?.toString() ?? null,
    denominator: denominator?.toString() ?? null,
  }));
}
