import { createHash } from 'node:crypto';
import { persistedOperation } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { eq } from 'drizzle-orm';
import { Kind, parse } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Services } from '../context.ts';
import { badInput, userError } from '../errors.ts';
import { callerOfRequest } from './admission.ts';
import { documentLimits } from './documents.ts';

/** Operations an account may register. */
const PER_ACCOUNT = 500;
/** Documents kept in memory. */
const KEPT = 1000;
/** Who may sign in must be able to ask for it: these root fields are never withheld. */
const ALWAYS = new Set(['signInMessage', 'signIn', '_meta', '__typename']);

const extension = z.object({
  version: z.literal(1),
  sha256Hash: z.string().regex(/^[0-9a-f]{64}$/),
});

/**
 * Operations by their hash, as Apollo's automatic persisted queries send it: a hash with its document registers it, a hash
 * alone runs it. Accounts register; anybody runs.
 * @param only anonymous callers run nothing else
 */
export function usePersistedOperations({ app, appReady }: Pick<Services, 'app' | 'appReady'>, only: boolean): Plugin {
  const known = new LRUCache<string, string>({
    max: KEPT,
    maxSize: 20_000_000,
    sizeCalculation: (text) => text.length,
  });

  const find = async (hash: string) => {
    const kept = known.get(hash);
    if (kept !== undefined) return kept;
    const [row] = await app.db
      .select({ document: persistedOperation.document })
      .from(persistedOperation)
      .where(eq(persistedOperation.hash, `0x${hash}`));
    if (row) known.set(hash, row.document);
    return row?.document;
  };

  const register = async (hash: string, document: string, account: Hex) => {
    if ((await find(hash)) !== undefined) return;
    if (document.length > documentLimits.bodyBytes) return;
    await appReady();
    if ((await app.db.$count(persistedOperation, eq(persistedOperation.account, account))) >= PER_ACCOUNT) {
      throw userError('CONFLICT', `This account has registered ${PER_ACCOUNT} operations already.`);
    }
    await app.db
      .insert(persistedOperation)
      .values({ hash: `0x${hash}`, document, account })
      .onConflictDoNothing();
    known.set(hash, document);
  };

  return {
    async onParams({ params, request, setParams }) {
      // Yoga says what is wrong with anything else.
      if (!isAsked(params)) return;
      const caller = callerOfRequest(request);
      const asked = (params.extensions as { persistedQuery?: unknown } | undefined)?.persistedQuery;
      if (asked === undefined) {
        if (only && caller.kind === 'anonymous' && params.query && !isAlwaysServed(params.query)) {
          throw withStatus(
            403,
            'PERSISTED_QUERY_REQUIRED',
            'Here anonymous callers run registered operations only: sign in, or send extensions.persistedQuery.',
          );
        }
        return;
      }
      const parsed = extension.safeParse(asked);
      if (!parsed.success) {
        throw badInput('extensions.persistedQuery must be {"version": 1, "sha256Hash": "64 hex digits, lower case"}.');
      }
      const hash = parsed.data.sha256Hash;
      if (!params.query) {
        const document = await find(hash);
        // Clients of Apollo's protocol send the document along when they read exactly this.
        if (document === undefined) throw withStatus(200, 'PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
        setParams({ ...params, query: document });
        return;
      }
      if (createHash('sha256').update(params.query).digest('hex') !== hash) {
        throw badInput('extensions.persistedQuery.sha256Hash is not the SHA-256 of query.');
      }
      if (caller.kind !== 'anonymous') await register(hash, params.query, caller.account);
      else if (only && !isAlwaysServed(params.query) && (await find(hash)) === undefined) {
        throw withStatus(
          403,
          'PERSISTED_QUERY_REQUIRED',
          'Only accounts register operations here: sign in, or use a key.',
        );
      }
    },
  };
}

function isAsked(params: unknown): boolean {
  if (typeof params !== 'object' || params === null) return false;
  const { query } = params as { query?: unknown };
  return query === undefined || query === null || typeof query === 'string';
}

function isAlwaysServed(query: string): boolean {
  try {
    return parse(query, { maxTokens: documentLimits.tokens }).definitions.every(
      (definition) =>
        definition.kind === Kind.OPERATION_DEFINITION &&
        definition.selectionSet.selections.every(
          (selection) => selection.kind === Kind.FIELD && ALWAYS.has(selection.name.value),
        ),
    );
  } catch {
    return false;
  }
}

function withStatus(status: number, code: Parameters<typeof userError>[0], message: string) {
  const error = userError(code, message);
  error.extensions.http = { status };
  return error;
}
