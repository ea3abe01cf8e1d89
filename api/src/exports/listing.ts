import { metrics } from '../analytics/catalogue.ts';
import { tableExports } from './catalogue.ts';
import { columnsOf, type ExportColumn } from './columns.ts';
import { formats } from './formats.ts';
import { rowLimits } from './limits.ts';
import { metricColumns } from './metric.ts';

const plain = ({ name, kind, nullable, description }: ExportColumn) => ({ name, kind, nullable, description });

/** What can be downloaded, for people and programs: served at /export. */
export function listing() {
  return {
    formats: Object.keys(formats),
    rowLimits,
    exports: Object.entries(tableExports).map(([name, { description, table, datanet, model, account }]) => ({
      path: `/export/${name}.{${Object.keys(formats).join(',')}}`,
      description,
      parameters: [
        'from',
        'to',
        ...(datanet === undefined ? [] : ['datanet']),
        ...(model === undefined ? [] : ['model']),
        ...(account === undefined ? [] : ['account']),
        'limit',
      ],
      columns: columnsOf(table).map(plain),
    })),
    metrics: {
      path: `/export/metrics/{NAME}.{${Object.keys(formats).join(',')}}`,
      description: 'A metric over time, as the field metric gives it.',
      names: Object.keys(metrics),
      parameters: ['interval', 'groupBy', 'groups', 'from', 'to', 'datanet', 'model', 'account', 'role'],
      columns: metricColumns.map(plain),
    },
  };
}
