import { chainRelations, type Hex } from '@openledger/db/chain';
import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import DrizzlePlugin from '@pothos/plugin-drizzle';
import RelayPlugin from '@pothos/plugin-relay';
import { getTableConfig } from 'drizzle-orm/pg-core';
import type { ApiContext } from '../context.ts';
import {
  addressScalar,
  bigIntScalar,
  bytes32Scalar,
  dateTimeScalar,
  decimalScalar,
  hexScalar,
  jsonScalar,
} from './scalars.ts';

/** Rows a page holds at most, and when nobody says. */
export const MAX_PAGE = 100;
export const DEFAULT_PAGE = 20;

/** How much one operation may ask for: nesting levels, fields, and rows times fields. */
export const limits = { depth: 15, breadth: 600, complexity: 50_000 };

export const builder = new SchemaBuilder<{
  Context: ApiContext;
  DrizzleRelations: typeof chainRelations;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  DefaultNodeNullability: false;
  Scalars: {
    BigInt: { Input: bigint; Output: bigint };
    DateTime: { Input: bigint; Output: bigint };
    Address: { Input: Hex; Output: Hex };
    Bytes32: { Input: Hex; Output: Hex };
    Hex: { Input: Hex; Output: Hex };
    JSON: { Input: never; Output: unknown };
    Decimal: { Input: never; Output: string };
  };
}>({
  plugins: [ComplexityPlugin, RelayPlugin, DrizzlePlugin],
  defaultFieldNullability: false,
  drizzle: {
    client: (context) => context.db,
    relations: chainRelations,
    getTableConfig,
    defaultConnectionSize: DEFAULT_PAGE,
    maxConnectionSize: MAX_PAGE,
  },
  // The guard prices operations by these complexities, and refuses them, before they run.
  complexity: { disabled: true },
  relay: {
    edgesFieldOptions: {
      nullable: false,
      description: 'The rows of this page, each with its cursor.',
      complexity: { field: 0, multiplier: 1 },
    },
    nodeFieldOptions: { nullable: false, description: 'The row itself.', complexity: 0 },
    nodesOnConnection: {
      description: 'The rows of this page without cursors.',
      complexity: { field: 0, multiplier: 1 },
    },
    cursorFieldOptions: { description: 'Where this row stands in this order; opaque. Give it to `after` or `before`.' },
    pageInfoFieldOptions: { description: 'Whether there is more, and where to continue.' },
    pageInfoTypeOptions: { description: 'Whether a list has more rows, and the cursors to continue from.' },
    hasNextPageFieldOptions: { description: 'Whether rows follow this page.' },
    hasPreviousPageFieldOptions: { description: 'Whether rows precede this page.' },
    startCursorFieldOptions: { description: 'The cursor of the first row of this page.' },
    endCursorFieldOptions: { description: 'The cursor of the last row of this page.' },
    nodeTypeOptions: { description: 'Anything that has an id of its own across the whole API.' },
    idFieldOptions: { description: 'Its id across the whole API; opaque. `node(id)` finds it again.' },
    firstArgOptions: {
      description: 'Rows from the front of the list: at most 100, 20 when neither first nor last is given.',
    },
    lastArgOptions: { description: 'Rows from the end of the list: at most 100.' },
    afterArgOptions: { description: 'Only rows after this cursor.' },
    beforeArgOptions: { description: 'Only rows before this cursor.' },
    nodeQueryOptions: false,
    nodesQueryOptions: false,
  },
});

export type Types = typeof builder.$inferSchemaTypes;

builder.addScalarType('BigInt', bigIntScalar);
builder.addScalarType('DateTime', dateTimeScalar);
builder.addScalarType('Address', addressScalar);
builder.addScalarType('Bytes32', bytes32Scalar);
builder.addScalarType('Hex', hexScalar);
builder.addScalarType('JSON', jsonScalar);
builder.addScalarType('Decimal', decimalScalar as never);

builder.queryType({
  description: 'Everything the chain says about OpenLedger, as the index last saw it; `_meta` says when that was.',
});

builder.mutationType({
  description:
    'What an account does here: each needs a session or a key with the scope it names, and is noted in the audit log.',
});

export const OrderDirection = builder.enumType('OrderDirection', {
  description: 'Which end of an order comes first.',
  values: {
    ASC: { value: 'asc', description: 'Smallest or oldest first.' },
    DESC: { value: 'desc', description: 'Largest or newest first.' },
  },
});
