import { canonicalJson, type Hex } from '@openledger/protocol';
import { keccak256, toUtf8Bytes } from 'ethers';

/** keccak256 of the RFC 8785 canonical JSON, in UTF-8, of the messages or the prompt as they were sent. */
export const promptHash = (asked: unknown): Hex => hashOf(canonicalJson(asked));

/** keccak256 of the answer's text in UTF-8; of several answers, of their canonical JSON list. */
export const outputHash = (texts: readonly string[]): Hex =>
  hashOf(texts.length === 1 ? texts[0]! : canonicalJson(texts));

/** Half a surrogate pair, which JSON can hold and UTF-8 cannot, is hashed as U+FFFD. */
const hashOf = (text: string): Hex => keccak256(toUtf8Bytes(text.toWellFormed())) as Hex;
