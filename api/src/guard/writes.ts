import { defaultFieldResolver, GraphQLError, type GraphQLField, type GraphQLSchema } from 'graphql';
import type { ApiContext } from '../context.ts';
import { userError } from '../errors.ts';
import { requireAccount } from '../identity/require-account.ts';
import type { Scope } from '../identity/scopes.ts';
import { beginAudit, endAudit } from './audit.ts';

type Args = Readonly<Record<string, unknown>>;

/** What the guard has to know of a mutation. */
export type WriteRule<A = Args, R = unknown> = {
  /** What a key must be allowed to do; null lets anybody in, as signing in must. */
  readonly scope: Scope | null;
  /**
   * What it is about, as `Type:id`, for the audit log; null when there is nothing to name. Never a secret or a content.
   * The result is undefined when it was refused or failed.
   */
  readonly subject: (args: A, result: R) => string | null;
  /** It does not depend on the index, so it goes on while the indexer has halted. */
  readonly whileHalted?: boolean;
};

/**
 * Marks a mutation with its rule. Every mutation has one, or the schema is not made; each one is then checked for its scope
 * and noted in the audit log, whatever becomes of it.
 *
 * @example
 * builder.mutationField('eraseContent', (t) =>
 *   t.field({
 *     type: 'Boolean',
 *     description: 'Erases one’s own content for good.',
 *     args: { hash: t.arg({ type: 'Bytes32', required: true, description: 'Which.' }) },
 *     extensions: write({ scope: 'contribute', subject: ({ hash }) => `Content:${hash}` }),
 *     resolve: (_root, { hash }, context) => erase(context.app.db, requireAccount(context, 'contribute'), hash),
 *   }),
 * );
 */
export function write<A = Args, R = unknown>(rule: WriteRule<A, R>): { write: WriteRule } {
  return { write: rule as WriteRule };
}

/** Puts the guard before every mutation of a schema. @throws Error for one that says nothing of `write`. */
export function guardWrites(schema: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) guardWrite(field);
  return schema;
}

function guardWrite(field: GraphQLField<unknown, ApiContext, Args>): void {
  const { name, resolve = defaultFieldResolver } = field;
  const rule = field.extensions.write as WriteRule | undefined;
  if (rule === undefined) throw new Error(`The mutation ${name} has no extensions: write({ scope, subject }).`);
  const subjectOf = (args: Args, result?: unknown) => rule.subject(args, result);

  field.resolve = async (root, args, context, info) => {
    await context.appReady();
    if (context.caller.kind === 'anonymous') {
      if (rule.scope !== null) requireAccount(context, rule.scope);
      return resolve(root, args, context, info);
    }
    const id = await beginAudit(context, context.caller, name);
    try {
      if (rule.scope !== null) requireAccount(context, rule.scope);
      const halt = rule.whileHalted ? null : await context.readHalt();
      if (halt) throw userError('INDEX_HALTED', `${halt.reason} ${halt.remedy}`);
      const result = await resolve(root, args, context, info);
      await endAudit(context, id, { outcome: 'done', subject: subjectOf(args, result), code: null });
      return result;
    } catch (error) {
      const code = error instanceof GraphQLError ? String(error.extensions.code ?? '') : '';
      const end = code ? { outcome: 'refused' as const, code } : { outcome: 'failed' as const, code: null };
      await endAudit(context, id, { ...end, subject: subjectOf(args) }).catch((unnoted: unknown) => {
        context.log.error({ err: unnoted, action: name }, 'the end of a write could not be noted');
      });
      throw error;
    }
  };
}
