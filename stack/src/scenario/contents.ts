import { keccak256, toUtf8Bytes } from 'ethers';

/** Something that the chain names by its hash and that is kept off chain. */
export type Content = {
  /** keccak256 of the body's bytes. */
  readonly hash: `0x${string}`;
  readonly mediaType: string;
  readonly body: string | Uint8Array;
  /** Where it is from, for texts that others wrote. */
  readonly provenance?: Readonly<Record<string, unknown>>;
};

/** Where contents are kept: content-addressed, so that storing the same again changes nothing. */
export type Contents = {
  put(contents: readonly Content[]): Promise<void>;
  /** The body behind a hash; undefined when it is not kept. */
  text(hash: string): Promise<string | undefined>;
  bytes(hash: string): Promise<Uint8Array | undefined>;
};

/** Bytes as content, under the hash that is theirs. */
export function bytesContent(mediaType: string, body: Uint8Array): Content {
  return { hash: keccak256(body) as `0x${string}`, mediaType, body };
}

/** A JSON document as content. */
export function jsonContent(value: unknown): Content {
  const body = JSON.stringify(value, null, 2);
  return { hash: keccak256(toUtf8Bytes(body)) as `0x${string}`, mediaType: 'application/json', body };
}

/** How the chain's events point at content. */
export function contentUri({ hash }: Pick<Content, 'hash'>): string {
  return `openledger:content/${hash}`;
}

/** The hash that such a pointer names; undefined for any other. */
export function contentNamed(uri: string): `0x${string}` | undefined {
  return /^openledger:content\/(0x[0-9a-f]{64})$/.exec(uri)?.[1] as `0x${string}` | undefined;
}
