import { type Database, getContent, putContents } from '@openledger/db';
import { toUtf8Bytes, toUtf8String } from 'ethers';
import type { Content, Contents } from './contents.ts';

/** Contents kept in Postgres, beside everyone else's. */
export function createStore(db: Database): Contents {
  return {
    async put(contents) {
      if (contents.length === 0) return;
      const hashes = await putContents(db, contents.map(stored));
      const wrong = contents.find(({ hash }, i) => hashes[i] !== hash);
      if (wrong !== undefined) throw new Error(`A content said to be ${wrong.hash} has another hash.`);
    },
    async text(hash) {
      const found = await getContent(db, hash);
      return found?.body == null ? undefined : toUtf8String(found.body);
    },
    bytes: async (hash) => (await getContent(db, hash))?.body ?? undefined,
  };
}

function stored({ mediaType, body, provenance }: Content) {
  return {
    mediaType,
    body: typeof body === 'string' ? toUtf8Bytes(body) : body,
    ...(provenance === undefined ? {} : { provenance }),
  };
}
