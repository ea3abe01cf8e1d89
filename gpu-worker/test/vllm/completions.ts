import { randomInt } from 'node:crypto';
import { defaultSampling, type Engine, type GenerateRequest, type Piece } from '../../src/serving/index.ts';
import type { Tokenizer } from '../../src/tokenizer/index.ts';
import { createDetokenizer } from './detokenizer.ts';
import type { CompletionRequest } from './samplingParams.ts';

export type Choice = {
  readonly index: number;
  readonly text: string;
  readonly logprobs: unknown;
  readonly finish_reason: string | null;
  readonly stop_reason: string | null;
  readonly token_ids?: readonly number[];
};

/** The request as the engine under this server takes it: texts and stop texts are vLLM's own business. */
export const engineRequest = (
  id: string,
  request: CompletionRequest,
  prompt: readonly number[],
  adapter: `0x${string}` | undefined,
): GenerateRequest => ({
  id,
  adapter,
  prompt,
  maxTokens: request.max_tokens,
  n: request.n,
  ignoreEnd: request.ignore_eos,
  stop: [],
  logprobs: request.logprobs ?? undefined,
  sampling: {
    ...defaultSampling,
    temperature: temperatureOf(request.temperature ?? 1),
    topP: request.top_p ?? 1,
    topK: Math.max(0, request.top_k ?? 0),
    seed:
      request.seed === undefined || request.seed === null || request.seed === -1 ? randomInt(2 ** 47) : request.seed,
    presencePenalty: request.presence_penalty ?? 0,
    frequencyPenalty: request.frequency_penalty ?? 0,
    repetitionPenalty: request.repetition_penalty ?? 1,
    logitBias: new Map(
      Object.entries(request.logit_bias ?? {}).map(([id, bias]) => [Number(id), Math.min(100, Math.max(-100, bias))]),
    ),
  },
});

const temperatureOf = (asked: number): number => (asked < 1e-5 ? 0 : Math.max(asked, 0.01));

/** The tokens of an answer as vLLM sends them: one at a time, with what of the text is certain. */
export async function* choicesOf(
  engine: Engine,
  asked: GenerateRequest,
  request: CompletionRequest,
  { tokenizer, signal }: { tokenizer: Tokenizer; signal: AbortSignal },
): AsyncGenerator<Choice> {
  const texts = Array.from({ length: request.n }, () => createDetokenizer(tokenizer, request.stop));
  const stopped = new Set<number>();
  for await (const piece of engine.generate(asked, { signal })) {
    for (const [at, id] of piece.ids.entries()) {
      if (stopped.has(piece.choice)) break;
      const isLast = at === piece.ids.length - 1 && piece.finish !== undefined;
      const text = texts[piece.choice]!;
      const found = text.update(id, isLast && piece.finish === 'stop');
      if (found !== undefined) stopped.add(piece.choice);
      const finish = found !== undefined ? 'stop' : isLast ? piece.finish! : null;
      yield {
        index: piece.choice,
        text: text.next(finish !== null),
        logprobs: piece.tokens === undefined ? null : logprobsOf(piece, at, request, tokenizer),
        finish_reason: finish,
        stop_reason: found ?? null,
        ...(request.return_token_ids ? { token_ids: [id] } : {}),
      };
    }
    if (stopped.size === request.n) return;
  }
}

/** `CompletionLogProbs`: the chosen token is among the likeliest always, first, and one more where it is none of them. */
const logprobsOf = ({ tokens }: Piece, at: number, request: CompletionRequest, tokenizer: Tokenizer) => {
  const { id, logprob, top } = tokens![at]!;
  const nameOf = (token: number) =>
    request.return_tokens_as_token_ids ? `token_id:${token}` : tokenizer.decode([token], { withSpecial: true });
  const listed = [{ id, logprob }, ...top.filter((other) => other.id !== id)];
  return {
    text_offset: [0],
    token_logprobs: [Math.max(logprob, -9999)],
    tokens: [nameOf(id)],
    top_logprobs: [Object.fromEntries(listed.map((each) => [nameOf(each.id), Math.max(each.logprob, -9999)]))],
  };
};
