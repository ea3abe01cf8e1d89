import { type Database, getContent } from '@openledger/db';
import { canonicalJson, type Hex } from '@openledger/protocol';
import { keccak256 } from 'ethers';

/** A document that is not kept, or not what its hash or its schema says. The message says what it is and what is wrong. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
}

/** What reads a document: a schema of `@openledger/protocol`. */
export type Schema<Value> = {
  safeParse(json: unknown): { success: true; data: Value } | { success: false; error: { message: string } };
};

/** Documents that hashes on chain name, as the content store has them. */
export type Documents = {
  /** @param what for errors. @throws DocumentError */
  readonly bytes: (hash: Hex, what: string) => Promise<Uint8Array>;
  /** A document of a schema, in its one spelling. @throws DocumentError */
  readonly json: <Value>(hash: Hex, schema: Schema<Value>, what: string) => Promise<Value>;
  /** One that says more than is needed here, without any schema. @throws DocumentError when it is no JSON object */
  readonly loose: (hash: Hex, what: string) => Promise<Readonly<Record<string, unknown>>>;
};

export const uriOf = (hash: Hex): string => `openledger:content/${hash}`;

export const openDocuments = (db: Database): Documents => {
  const bytes: Documents['bytes'] = async (hash, what) => {
    const body = (await getContent(db, hash))?.body;
    if (!body) throw new DocumentError(`${what} (${hash}) is not kept`);
    const found = keccak256(body);
    if (found !== hash) throw new DocumentError(`${what} (${hash}) is damaged: its keccak256 is ${found}`);
    return body;
  };
  return {
    bytes,
    json: async (hash, schema, what) => {
      const text = new TextDecoder().decode(await bytes(hash, what));
      const parsed = schema.safeParse(jsonOf(text));
      if (!parsed.success) {
        throw new DocumentError(`${what} (${hash}) is not as it should be: ${parsed.error.message}`);
      }
      if (canonicalJson(parsed.data) !== text) throw new DocumentError(`${what} (${hash}) is not canonical JSON`);
      return parsed.data;
    },
    loose: async (hash, what) => {
      const json = jsonOf(new TextDecoder().decode(await bytes(hash, what)));
      if (typeof json !== 'object' || json === null) throw new DocumentError(`${what} (${hash}) is no JSON object`);
      return json as Readonly<Record<string, unknown>>;
    },
  };
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
