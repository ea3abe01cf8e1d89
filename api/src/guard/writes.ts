import {
  defaultFieldResolver,
  GraphQLError,
  type GraphQLField,
  type GraphQLResolveInfo,
  type GraphQLSchema,
} from 'graphql';
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

/**
 * Puts the guard before every mutation of a schema, and before subscriptions that write, as asking a model does.
 * @throws Error for a mutation that says nothing of `write`
 */
export function guardWrites(schema: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) guardWrite(field);
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    if (field.extensions.write !== undefined) guardStream(field);
  }
  return schema;
}

/** Whether a root field is a write: what its caller has of those pays for it. */
export function isWrite({ extensions }: Pick<GraphQLField<unknown, unknown>, 'extensions'>): boolean {
  return extensions.write !== undefined;
}

function guardWrite(field: GraphQLField<unknown, ApiContext, Args>): void {
  const { name, resolve = defaultFieldResolver } = field;
  const rule = field.extensions.write as WriteRule | undefined;
  if (rule === undefined) throw new Error(`The mutation ${name} has no extensions: write({ scope, subject }).`);

  field.resolve = async (root, args, context, info) => {
    await context.appReady();
    if (context.caller.kind === 'anonymous') {
      if (rule.scope !== null) requireAccount(context, rule.scope);
      return resolve(root, args, context, info);
    }
    const note = await begin(context, context.caller, field.name, rule, args);
    try {
      await check(context, rule);
      const result = await resolve(root, args, context, info);
      await note.done(result);
      return result;
    } catch (error) {
      await note.failed(error);
      throw error;
    }
  };
}

type Subscribe = (
  root: unknown,
  args: Args,
  context: ApiContext & { readonly stream: { readonly signal: AbortSignal } },
  info: GraphQLResolveInfo,
) => AsyncIterable<unknown> | Promise<AsyncIterable<unknown>>;

/** It is done when its stream ends, or when whoever asked has gone. */
function guardStream(field: GraphQLField<unknown, ApiContext, Args>): void {
  const subscribe = field.subscribe as unknown as Subscribe;
  const rule = field.extensions.write as WriteRule;
  const guarded: Subscribe = async (root, args, context, info) => {
    if (context.request.method !== 'POST') {
      throw userError('BAD_REQUEST', `${field.name} writes: send it by POST, with accept: text/event-stream.`);
    }
    await context.appReady();
    if (context.caller.kind === 'anonymous') requireAccount(context, rule.scope!);
    const note = await begin(context, context.caller as Named, field.name, rule, args);
    let messages: AsyncIterable<unknown>;
    try {
      await check(context, rule);
      messages = await subscribe(root, args, context, info);
    } catch (error) {
      await note.failed(error);
      throw error;
    }
    return noted(messages, note, context.stream.signal);
  };
  field.subscribe = guarded as unknown as NonNullable<typeof field.subscribe>;
}

async function* noted(messages: AsyncIterable<unknown>, note: Note, signal: AbortSignal) {
  let last: unknown;
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (last of messages) yield last;
  } catch (error) {
    failure = { error };
    throw error;
  } finally {
    await (failure && !signal.aborted ? note.failed(failure.error) : note.done(last));
  }
}

type Named = Exclude<ApiContext['caller'], { kind: 'anonymous' }>;
type Note = { readonly done: (result: unknown) => Promise<void>; readonly failed: (error: unknown) => Promise<void> };

/** Notes that a write begins; what it gives notes how it went. */
async function begin(context: ApiContext, caller: Named, name: string, rule: WriteRule, args: Args): Promise<Note> {
  const subjectOf = (result?: unknown) => rule.subject(args, result);
  const id = await beginAudit(context, caller, name);
  return {
    done: (result) => endAudit(context, id, { outcome: 'done', subject: subjectOf(result), code: null }),
    failed: async (error) => {
      const code = error instanceof GraphQLError ? String(error.extensions.code ?? '') : '';
      const end = code ? { outcome: 'refused' as const, code } : { outcome: 'failed' as const, code: null };
      await endAudit(context, id, { ...end, subject: subjectOf() }).catch((unnoted: unknown) => {
        context.log.error({ err: unnoted, action: name }, 'the end of a write could not be noted');
      });
    },
  };
}

async function check(context: ApiContext, rule: WriteRule): Promise<void> {
  if (rule.scope !== null) requireAccount(context, rule.scope);
  const halt = rule.whileHalted ? null : await context.readHalt();
  if (halt) throw userError('INDEX_HALTED', `${halt.reason} ${halt.remedy}`);
}
