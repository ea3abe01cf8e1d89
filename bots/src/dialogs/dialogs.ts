import type { Database } from '@openledger/db';
import { type ChatPlatform, chatDialog } from '@openledger/db/app';
import { and, eq, gt, lt, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Form, Input } from '../core/command.ts';
import type { Secret } from '../state/secret.ts';

/** Questions of a form that a person is being asked one after another. */
export type Dialog = { readonly form: Form; readonly input: Input };

export type Whose = { readonly placeId: string; readonly userId: string };

export type Dialogs = {
  readonly read: (whose: Whose) => Promise<Dialog | undefined>;
  readonly keep: (whose: Whose, dialog: Dialog) => Promise<void>;
  readonly end: (whose: Whose) => Promise<boolean>;
};

const lasts = sql`now() + interval '30 minutes'`;

const field = z.object({
  name: z.string(),
  kind: z.enum(['text', 'long', 'number', 'choice', 'datanet', 'model', 'contribution', 'file']),
  isRequired: z.boolean(),
  choices: z.array(z.string()).optional(),
  most: z.number().optional(),
  label: z.string(),
  hint: z.string().optional(),
});
const file = z.object({ name: z.string(), mediaType: z.string().optional(), base64: z.string() });
const stored = z.object({
  form: z.object({
    title: z.string(),
    fields: z.array(field),
    submit: z.object({ command: z.string(), action: z.string(), args: z.array(z.string()) }),
  }),
  input: z.record(z.string(), z.union([z.string(), file])),
});

/** Dialogs survive restarts; what was answered so far lies sealed, and for half an hour only. */
export const createDialogs = (db: Database, secret: Secret, platform: ChatPlatform): Dialogs => {
  const about = ({ placeId, userId }: Whose) => `dialog of ${platform} ${placeId} ${userId}`;
  const isTheirs = ({ placeId, userId }: Whose) =>
    and(eq(chatDialog.platform, platform), eq(chatDialog.placeId, placeId), eq(chatDialog.platformUserId, userId));
  return {
    read: async (whose) => {
      const [row] = await db
        .select({ sealed: chatDialog.sealed })
        .from(chatDialog)
        .where(and(isTheirs(whose), gt(chatDialog.expiresAt, sql`now()`)));
      if (row === undefined) return undefined;
      const { form, input } = stored.parse(secret.open(row.sealed, about(whose)));
      return {
        form: form as Form,
        input: Object.fromEntries(
          Object.entries(input).map(([name, value]) => [
            name,
            typeof value === 'string'
              ? value
              : { name: value.name, mediaType: value.mediaType, body: Buffer.from(value.base64, 'base64') },
          ]),
        ),
      };
    },
    keep: async (whose, { form, input }) => {
      const plain: Record<string, unknown> = {};
      for (const [name, value] of Object.entries(input)) {
        if (value === undefined || typeof value === 'string') plain[name] = value;
        else plain[name] = { ...value, body: undefined, base64: Buffer.from(value.body).toString('base64') };
      }
      const sealed = secret.close({ form, input: plain }, about(whose));
      await db.delete(chatDialog).where(lt(chatDialog.expiresAt, sql`now()`));
      await db
        .insert(chatDialog)
        .values({ platform, placeId: whose.placeId, platformUserId: whose.userId, sealed, expiresAt: lasts })
        .onConflictDoUpdate({
          target: [chatDialog.platform, chatDialog.placeId, chatDialog.platformUserId],
          set: { sealed, expiresAt: lasts },
        });
    },
    end: async (whose) => {
      const ended = await db.delete(chatDialog).where(isTheirs(whose)).returning({ id: chatDialog.placeId });
      return ended.length > 0;
    },
  };
};
