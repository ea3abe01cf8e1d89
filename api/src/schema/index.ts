import type { GraphQLSchema } from 'graphql';
import '../accounts/queries.ts';
import '../activity/queries.ts';
import '../analytics/queries.ts';
import '../attribution/queries.ts';
import '../contributions/queries.ts';
import '../datanets/queries.ts';
import '../disputes/queries.ts';
import '../governance/queries.ts';
import '../identity/mutations.ts';
import '../identity/queries.ts';
import '../inference/queries.ts';
import '../live/subscriptions.ts';
import '../models/queries.ts';
import '../prepared/index.ts';
import '../published/queries.ts';
import '../rewards/queries.ts';
import '../staking/queries.ts';
import '../tokens/queries.ts';
import '../webhooks/mutations.ts';
import '../webhooks/queries.ts';
import { guardWrites } from '../guard/writes.ts';
import { builder } from './builder.ts';
import { refuseWhileHalted } from './halted.ts';
import './meta.ts';
import './node.ts';

/** The whole GraphQL schema. */
export const schema: GraphQLSchema = refuseWhileHalted(guardWrites(builder.toSchema()));
