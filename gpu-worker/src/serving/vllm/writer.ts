import type { Tokenizer } from '../../tokenizer/index.ts';
import type { GeneratedToken, GenerateRequest, Piece } from '../engine.ts';
import { createAnswerText } from '../text/index.ts';
import type { Chunk, ChunkToken } from './chunk.ts';

/**
 * Pieces of an answer from what vLLM sends. Texts are made of the tokens here, as for any other engine: vLLM leaves out
 * characters that an answer's end cuts, and where one token completes two stop texts it takes the first of the list.
 */
export const createWriter = (
  request: GenerateRequest,
  choice: number,
  tokenizer: Tokenizer,
): ((chunk: Chunk) => Piece) => {
  const answer = createAnswerText(tokenizer, request.stop);
  return ({ tokens, finish, isEnd }) => {
    let text = '';
    let isStopped = false;
    const used: ChunkToken[] = [];
    for (const [at, token] of tokens.entries()) {
      used.push(token);
      // The token that ends an answer is no part of its text.
      if (isEnd && at === tokens.length - 1) break;
      const more = answer.push(token.id);
      text += more.text;
      isStopped = more.isStopped;
      if (isStopped) break;
    }
    if (finish !== undefined && !isStopped) {
      const rest = answer.end();
      text += rest.text;
      isStopped = rest.isStopped;
    }
    const over = isStopped ? 'stop' : finish;
    return {
      choice,
      text,
      ids: used.map(({ id }) => id),
      ...(request.logprobs === undefined ? {} : { tokens: used.map((token) => describe(token, tokenizer)) }),
      ...(over === undefined ? {} : { finish: over }),
    };
  };
};

const describe = ({ id, logprob }: ChunkToken, { bytesOf }: Tokenizer): GeneratedToken => ({
  id,
  logprob: logprob!.own,
  bytes: bytesOf(id),
  top: logprob!.top.map((other) => ({ ...other, bytes: bytesOf(other.id) })),
});
