import { SpanError } from './errors.ts';

/** A text of a contribution, as its training wrote it, in tokens. */
export type SpanDocument = { readonly contributionId: bigint; readonly tokens: Uint32Array };

/** Ids stand in eight bytes of a file. */
const mostContribution = 2n ** 64n;

/** Suffixes are numbered in 32 bits, of which the sorting needs one. */
const mostTokens = 2 ** 31 - 2;

/** @throws SpanError for documents that no segment can hold; the message names the first. */
export const checkDocuments = (documents: readonly SpanDocument[], vocabSize: number): void => {
  let total = 0;
  for (const [index, { contributionId, tokens }] of documents.entries()) {
    const what = `Document ${index}, of contribution ${contributionId},`;
    if (contributionId < 1n || contributionId >= mostContribution) {
      throw new SpanError(`${what} has no owner: contributions are numbered from 1 to 2^64 − 1`);
    }
    const unknown = tokens.find((token) => token >= vocabSize);
    if (unknown !== undefined) {
      throw new SpanError(`${what} holds token ${unknown}; the tokenizer's are below ${vocabSize}`);
    }
    total += tokens.length + 1;
  }
  if (total > mostTokens) {
    throw new SpanError(`The documents have ${total} tokens, separators included; a segment has ${mostTokens} at most`);
  }
};

export const isSameTokens = (left: Uint32Array, right: Uint32Array): boolean => {
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) return false;
  return true;
};
