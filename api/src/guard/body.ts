import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { documentLimits } from './documents.ts';

/** Bytes past the limit that are thrown away before the connection is: a client that still sends hears no answer. */
const DISCARDED = 1_000_000;

export type TooLarge = {
  /** As the client said, or as far as was read. */
  readonly bytes: number;
  /** Whether all of it is read or soon will be, so that the client may use the connection again. */
  readonly whole: boolean;
};

/**
 * Looks at the size of a request's body as it arrives. One without a content-length is read here, to where its server may
 * look for it; of one that is too large nothing is kept.
 * @returns what is wrong with it; undefined when it may be read
 */
export async function checkBody(request: IncomingMessage): Promise<TooLarge | undefined> {
  const limit = documentLimits.bodyBytes;
  const told = request.headers['content-length'];
  if (told !== undefined || request.headers['transfer-encoding'] === undefined) {
    const bytes = Number(told ?? 0);
    // Node throws away itself what was not read.
    return bytes > limit ? { bytes, whole: bytes <= limit + DISCARDED } : undefined;
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let whole = true;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Uint8Array).length;
    if (bytes <= limit) chunks.push(chunk as Uint8Array);
    else chunks.length = 0;
    if (bytes > limit + DISCARDED) {
      whole = false;
      break;
    }
  }
  if (bytes > limit) return { bytes, whole };
  giveBody(request, Buffer.concat(chunks));
  return undefined;
}

/** Puts a body that was read where Yoga looks for it: as a stream, for it lists the characters of a text one by one. */
export function giveBody(request: IncomingMessage, body: Uint8Array): void {
  Object.assign(request, { body: Readable.from([body], { objectMode: false }) });
}
