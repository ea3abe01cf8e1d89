import { upload } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { and, eq, gt, sql } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import { badInput, userError } from '../errors.ts';
import { builder } from '../schema/builder.ts';

/** What somebody wants to contribute, as it came. */
export type Body = {
  readonly body: Uint8Array;
  readonly mediaType: string | undefined;
  readonly fileName: string | undefined;
};

export type ContentInput = {
  readonly text?: string | null | undefined;
  readonly upload?: Hex | null | undefined;
  readonly mediaType?: string | null | undefined;
};

export const ContentInputType = builder.inputType('ContentInput', {
  description: 'What is contributed: a text, or a file uploaded to /upload. Exactly one of them.',
  fields: (t) => ({
    text: t.string({ description: 'The text itself; for more than 90 kB upload it.' }),
    upload: t.field({ type: 'Bytes32', description: 'The hash that /upload gave for a file of the account’s.' }),
    mediaType: t.string({
      description: 'What a text is, such as application/jsonl or text/csv; its content decides when left out.',
    }),
  }),
});

/** The bytes behind an input. @throws BAD_USER_INPUT, or NOT_FOUND for an upload that the account does not have */
export async function bodyOf(
  { app }: Pick<ApiContext, 'app'>,
  account: Hex,
  { text, upload: hash, mediaType }: ContentInput,
  place: string,
): Promise<Body> {
  if ((text == null) === (hash == null)) {
    const what = text == null ? 'neither text nor upload' : 'both text and upload';
    throw badInput(`${place}: content has ${what}: give exactly one of them.`);
  }
  if (text != null) {
    return { body: new TextEncoder().encode(text), mediaType: mediaType ?? undefined, fileName: undefined };
  }
  const [found] = await app.db
    .select({ body: upload.body, mediaType: upload.mediaType, fileName: upload.fileName })
    .from(upload)
    .where(and(eq(upload.account, account), eq(upload.hash, hash!), gt(upload.expiresAt, sql`now()`)));
  if (found === undefined) {
    throw userError(
      'NOT_FOUND',
      `${place}: the account has no upload ${hash}. Uploads wait for a day; send the file to /upload again.`,
    );
  }
  return { body: found.body, mediaType: found.mediaType, fileName: found.fileName ?? undefined };
}
