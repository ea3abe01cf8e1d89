import { Readable } from 'node:stream';
import { contentHash, type Database } from '@openledger/db';
import { content } from '@openledger/db/app';
import type { Hex } from '@openledger/protocol';
import { eq } from 'drizzle-orm';
import { z } from 'zod';
import { type Source, SourceError } from './source.ts';

/** The largest manifest that is read: it names two files. */
const MAX_MANIFEST = 10_000;

const hash = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/, 'must be keccak256 as 0x and 64 hexadecimal digits in lower case')
  .transform((value) => value as Hex);

/** What an adapter's `openledger:content/…` URI names: where its two files are in the same store. */
export const adapterManifest = z.object({
  schema: z.literal('openledger.adapter/1'),
  files: z.object({ 'adapter_config.json': hash, 'adapter_model.safetensors': hash }),
});

/** The content store of this deployment's own database. */
export const createContentSource = (manifest: Hex, db: Pick<Database, 'select'>): Source => ({
  open: async (name, { limit }) => {
    const { files } = manifestOf(await read(db, manifest, { name: 'the manifest', limit: MAX_MANIFEST }));
    const body = await read(db, files[name], { name, limit });
    return { size: body.length, body: Readable.from([body]), close: () => {} };
  },
});

const manifestOf = (bytes: Uint8Array): z.output<typeof adapterManifest> => {
  try {
    return adapterManifest.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new SourceError(`The content is no manifest of an adapter (openledger.adapter/1): ${why}`);
  }
};

/** The size is asked for first: a body arrives in one piece. */
const read = async (
  db: Pick<Database, 'select'>,
  hash: Hex,
  { name, limit }: { name: string; limit: number },
): Promise<Uint8Array> => {
  const where = eq(content.hash, hash);
  const [known] = await db.select({ size: content.size, erasedAt: content.erasedAt }).from(content).where(where);
  if (known === undefined) throw new SourceError(`Content ${hash} (${name}) is not in the store`);
  if (known.erasedAt !== null) throw new SourceError(`Content ${hash} (${name}) was erased`);
  if (known.size > BigInt(limit)) {
    throw new SourceError(`Content ${hash} (${name}) has ${known.size} bytes; at most ${limit} are fetched`);
  }
  const [row] = await db.select({ body: content.body }).from(content).where(where);
  if (!row?.body) throw new SourceError(`Content ${hash} (${name}) is kept outside of the store`);
  if (contentHash(row.body) !== hash) throw new SourceError(`Content ${hash} (${name}) is damaged in the store`);
  return row.body;
};
