import { auditEvent, auditOutcomes } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { type ResolveCursorConnectionArgs, resolveCursorConnection } from '@pothos/plugin-relay';
import { and, asc, desc, eq, gt, lt } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import { badInput } from '../errors.ts';
import { requireAccount } from '../identity/require-account.ts';
import { unixSeconds } from '../identity/types.ts';
import { builder, DEFAULT_PAGE, MAX_PAGE } from '../schema/builder.ts';

type AuditRow = typeof auditEvent.$inferSelect;

const AuditOutcome = builder.enumType('AuditOutcome', {
  description: 'How a write went.',
  values: {
    BEGUN: { value: auditOutcomes[0], description: 'Begun; the process ended before it could say more.' },
    DONE: { value: auditOutcomes[1], description: 'It was done.' },
    REFUSED: { value: auditOutcomes[2], description: 'It was refused; `code` says why.' },
    FAILED: { value: auditOutcomes[3], description: 'Something broke on our side.' },
  },
});

const AuditEvent = builder.objectRef<AuditRow>('AuditEvent').implement({
  description: 'A write that an account asked for: what, about what, and how it went. Never what was written.',
  fields: (t) => ({
    action: t.exposeString('action', { description: 'The mutation.' }),
    subject: t.exposeString('subject', {
      nullable: true,
      description: 'What it was about, as Type:id; null when there is nothing to name.',
    }),
    outcome: t.expose('outcome', { type: AuditOutcome, description: 'How it went.' }),
    code: t.exposeString('code', { nullable: true, description: 'The error’s code where it was refused.' }),
    sessionId: t.exposeID('sessionId', { nullable: true, description: 'The session it was sent with.' }),
    apiKeyId: t.exposeID('keyId', { nullable: true, description: 'The key it was sent with.' }),
    begunAt: t.field({
      type: 'DateTime',
      description: 'When it was asked for.',
      resolve: ({ begunAt }) => unixSeconds(begunAt),
    }),
    endedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was over.',
      resolve: ({ endedAt }) => endedAt && unixSeconds(endedAt),
    }),
  }),
});

builder.queryField('auditLog', (t) =>
  t.connection(
    {
      type: AuditEvent,
      description:
        'What the account has written and tried to write, newest first. Needs a session, or a key with READ.',
      extensions: { whileHalted: true },
      complexity: ({ first, last }) => ({ field: 2, multiplier: first ?? last ?? DEFAULT_PAGE }),
      resolve: (_root, args, context) => {
        const account = requireAccount(context, 'read');
        return resolveCursorConnection(
          { args, defaultSize: DEFAULT_PAGE, maxSize: MAX_PAGE, toCursor: ({ id }: AuditRow) => `audit:${id}` },
          (page: ResolveCursorConnectionArgs) => rows(context, account, page),
        );
      },
    },
    { name: 'AuditEventConnection', description: 'A page of a list: AuditEvent rows, newest first.' },
    { name: 'AuditEventEdge', description: 'One AuditEvent of a page, with its cursor.' },
  ),
);

/** Newest first, so what is after a cursor is older. */
function rows(
  { app }: ApiContext,
  account: Hex,
  { before, after, limit, inverted }: ResolveCursorConnectionArgs,
): Promise<AuditRow[]> {
  return app.db
    .select()
    .from(auditEvent)
    .where(
      and(
        eq(auditEvent.account, account),
        after === undefined ? undefined : lt(auditEvent.id, idOf(after)),
        before === undefined ? undefined : gt(auditEvent.id, idOf(before)),
      ),
    )
    .orderBy(inverted ? asc(auditEvent.id) : desc(auditEvent.id))
    .limit(limit);
}

function idOf(cursor: string): bigint {
  const digits = /^audit:(\d{1,18})$/.exec(cursor)?.[1];
  if (digits === undefined) throw badInput('The cursor is none of auditLog: take it from pageInfo or an edge.');
  return BigInt(digits);
}
