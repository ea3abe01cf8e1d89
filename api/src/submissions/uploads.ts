import type { IncomingMessage } from 'node:http';
import { contentHash } from '@openledger/db';
import { upload } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { and, eq, lt, ne, sql } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import { userError } from '../errors.ts';
import { bounds } from '../intake/rules.ts';
import { examineApart } from '../intake/workshop.ts';
import type { Body } from './body.ts';

/** An upload waits this long for its submission, milliseconds. */
const WAITS_MS = 24 * 3_600_000;
/** What one account may have waiting at most. */
const limits = { files: 50, bytes: 50_000_000 };

export type Uploaded = {
  readonly contentHash: Hex;
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
  readonly rows: number;
  readonly expiresAt: Date;
};

/**
 * Keeps a file for its account until it is submitted, or a day has passed. The same file again begins the day anew.
 * @throws BAD_USER_INPUT for a file that cannot be read, saying why; RATE_LIMITED when too much waits already
 */
export async function keepUpload({ app }: Pick<ApiContext, 'app'>, account: Hex, file: Body): Promise<Uploaded> {
  const examined = await examineApart(file);
  if (!examined.readable) throw userError('BAD_USER_INPUT', examined.finding.explanation);
  const { mediaType, rows } = examined.reading;
  const hash = contentHash(file.body);
  const expiresAt = new Date(Date.now() + WAITS_MS);
  await app.db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`upload ${account}`}, 0))`);
    await tx.delete(upload).where(lt(upload.expiresAt, sql`now()`));
    const [waiting] = await tx
      .select({ files: sql<number>`count(*)::int`, bytes: sql<number>`coalesce(sum(length(${upload.body})), 0)::int` })
      .from(upload)
      .where(and(eq(upload.account, account), ne(upload.hash, hash)));
    if (waiting!.files >= limits.files || waiting!.bytes + file.body.length > limits.bytes) {
      throw userError(
        'RATE_LIMITED',
        `The account has ${waiting!.files} uploads of ${waiting!.bytes} bytes waiting; at most ${limits.files} of ${limits.bytes} bytes are kept. Submit them, or wait a day.`,
      );
    }
    const fileName = file.fileName?.slice(0, 200) ?? null;
    await tx
      .insert(upload)
      .values({ account, hash, mediaType, fileName, body: file.body, rows: BigInt(rows.length), expiresAt })
      .onConflictDoUpdate({ target: [upload.account, upload.hash], set: { expiresAt, fileName, mediaType } });
  });
  return { contentHash: hash, mediaType, size: file.body.length, rows: rows.length, expiresAt };
}

/** A body that is longer than is taken. */
export class BodyTooLong extends Error {
  override readonly name = 'BodyTooLong';
  constructor() {
    super(`The file has more than ${bounds.bytes} bytes, the most that is taken. Split it and upload the parts.`);
  }
}

/** Reads a request's body, up to 5 MB. @throws BodyTooLong as soon as there is more */
export async function readUpload(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bounds.bytes) throw new BodyTooLong();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
