import { canonicalJson } from '@openledger/protocol';
import { keccak256, toUtf8Bytes } from 'ethers';
import { badInput } from '../errors.ts';
import type { ExplainedAnswer } from './answer.ts';

type Texts = readonly string[] | null | undefined;
type Hashed = Pick<ExplainedAnswer, 'requestId' | 'outputHash'>;

/** Whether these are the very texts of an answer, one for each of its choices. */
export const isTextOf = ({ outputHash }: Hashed, texts: Texts): boolean =>
  texts != null && texts.length > 0 && outputHashOf(texts) === outputHash;

/**
 * The text that offsets of an answer's parts are of, from what its client kept; null where nobody gives it. It was never stored
 * here, so it is held against the answer's hash.
 * @throws BAD_USER_INPUT when it is another text
 */
export function textOf(answer: Hashed, texts: Texts): string | null {
  if (texts == null || texts.length === 0) return null;
  if (isTextOf(answer, texts)) return texts.join('');
  const { requestId, outputHash } = answer;
  throw badInput(
    `texts: this is not the answer of ${requestId}: its hash is ${outputHashOf(texts)}, the answer’s ${outputHash}. Give it to the last character; of several choices, each as a text of its own, in their order.`,
  );
}

/** keccak256 of the answer in UTF-8; of several choices, of their canonical JSON list: as workers hash it. */
function outputHashOf(texts: readonly string[]): string {
  const whole = texts.length === 1 ? texts[0]! : canonicalJson(texts);
  return keccak256(toUtf8Bytes(whole.toWellFormed()));
}
