import type { Tokenizer } from '../../tokenizer/index.ts';
import type { FinishReason, GeneratedToken, GenerateRequest, Piece } from '../engine.ts';
import { createSampler, logprobsOf, type Sampler } from '../sampler/index.ts';
import { type AnswerText, createAnswerText } from '../text/index.ts';

/** One answer that is being written, or waits to be. */
export type Sequence = {
  readonly request: GenerateRequest;
  readonly choice: number;
  readonly sampler: Sampler;
  readonly output: AnswerText;
  /** Its place in the decoder, once it has one. */
  row: number | undefined;
  /** Tokens of the prompt that have been run. */
  read: number;
  /** The token that is run next; undefined until the prompt has been read. */
  next: number | undefined;
  generated: number;
};

export const createSequence = (request: GenerateRequest, choice: number, tokenizer: Tokenizer): Sequence => ({
  request,
  choice,
  sampler: createSampler(request.sampling, request.prompt, choice),
  output: createAnswerText(tokenizer, request.stop),
  row: undefined,
  read: 0,
  next: undefined,
  generated: 0,
});

/** Whether its prompt has been read, so that it goes on token by token. */
export const isWriting = (sequence: Sequence): boolean => sequence.next !== undefined;

export type Vocabulary = {
  readonly tokenizer: Tokenizer;
  /** Tokens with which the model ends. */
  readonly endTokens: ReadonlySet<number>;
};

/**
 * Chooses the sequence's next token.
 *
 * @param logits `[vocabulary]` after its last token.
 * @returns what of the answer is certain now; with `finish` when it is over.
 */
export const advance = (sequence: Sequence, logits: Float32Array, { tokenizer, endTokens }: Vocabulary): Piece => {
  const { request, choice, output } = sequence;
  const token = sequence.sampler.choose(logits);
  const isEnd = endTokens.has(token) && !request.ignoreEnd;
  sequence.next = token;
  sequence.generated++;
  // The token that ends an answer is no part of its text.
  const { text, isStopped } = isEnd ? { text: '', isStopped: false } : output.push(token);
  const isUsedUp = !isEnd && !isStopped && sequence.generated >= request.maxTokens;
  const rest = isEnd || isUsedUp ? output.end() : { text: '', isStopped: false };
  const finish = finishOf(isEnd || isStopped || rest.isStopped, isUsedUp);
  return {
    choice,
    text: text + rest.text,
    ids: [token],
    ...(request.logprobs === undefined ? {} : { tokens: [describe(logits, token, request.logprobs, tokenizer)] }),
    ...(finish === undefined ? {} : { finish }),
  };
};

const finishOf = (isOver: boolean, isUsedUp: boolean): FinishReason | undefined => {
  if (isOver) return 'stop';
  return isUsedUp ? 'length' : undefined;
};

const describe = (logits: Float32Array, id: number, count: number, tokenizer: Tokenizer): GeneratedToken => {
  const { own, top } = logprobsOf(logits, id, count);
  const bytes = tokenizer.bytesOf;
  return { id, logprob: own, bytes: bytes(id), top: top.map((other) => ({ ...other, bytes: bytes(other.id) })) };
};
