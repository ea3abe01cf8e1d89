import { defaultFieldResolver, type GraphQLSchema } from 'graphql';
import type { ApiContext } from '../context.ts';
import { userError } from '../errors.ts';

/** Makes every root field but `_meta`, and those whose extensions say `whileHalted`, fail while the indexer has halted: what it left behind may be wrong. */
export function refuseWhileHalted(schema: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
    if (field.name === '_meta' || field.extensions.whileHalted === true) continue;
    const { resolve = defaultFieldResolver } = field;
    field.resolve = async (source, args, context: ApiContext, info) => {
      const halt = await context.readHalt();
      if (halt) throw userError('INDEX_HALTED', `${halt.reason} ${halt.remedy}`);
      return resolve(source, args, context, info);
    };
  }
  return schema;
}
