import { vi } from 'vitest';
import {
  defaultSampling,
  type Engine,
  type FinishReason,
  type GeneratedToken,
  type GenerateRequest,
  type Piece,
  type Sampling,
} from '../../src/serving/index.ts';

export type Answer = {
  readonly text: string;
  readonly ids: readonly number[];
  readonly tokens: readonly GeneratedToken[] | undefined;
  readonly finish: FinishReason;
  readonly pieces: readonly Piece[];
};

export type Question = Partial<Omit<GenerateRequest, 'sampling'>> & { readonly sampling?: Partial<Sampling> };

let asked = 0;

/** A request for the likeliest answer of the base, where nothing else is said. */
export const question = ({ sampling, ...rest }: Question): GenerateRequest => ({
  id: `question-${asked++}`,
  adapter: undefined,
  prompt: [0],
  maxTokens: 16,
  n: 1,
  stop: [],
  ignoreEnd: false,
  logprobs: undefined,
  ...rest,
  sampling: { ...defaultSampling, temperature: 0, ...sampling },
});

/** All answers to a question, checked to be well made: one end for each, and nothing after it. */
export const askAll = async (
  engine: Engine,
  asked: Question,
  options?: { signal?: AbortSignal },
): Promise<readonly Answer[]> => {
  const request = question(asked);
  const pieces: Piece[] = [];
  for await (const piece of engine.generate(request, options)) pieces.push(piece);
  return Array.from({ length: request.n }, (_, choice) =>
    answerOf(
      request,
      pieces.filter((piece) => piece.choice === choice),
    ),
  );
};

/** The one answer to a question. */
export const ask = async (engine: Engine, asked: Question, options?: { signal?: AbortSignal }): Promise<Answer> =>
  (await askAll(engine, asked, options))[0]!;

const answerOf = (request: GenerateRequest, pieces: readonly Piece[]): Answer => {
  const ends = pieces.flatMap((piece, at) => (piece.finish === undefined ? [] : [at]));
  if (ends.length !== 1 || ends[0] !== pieces.length - 1) {
    throw new Error(
      `An answer has one end, its last piece; here ${JSON.stringify(ends)} of ${pieces.length} pieces are ends`,
    );
  }
  for (const { text, ids, tokens } of pieces) {
    if (!text.isWellFormed()) throw new Error(`${JSON.stringify(text)} has half a character`);
    const isAsked = request.logprobs !== undefined;
    if (isAsked ? tokens?.length !== ids.length : tokens !== undefined) {
      throw new Error(`A piece of ${ids.length} tokens tells of ${tokens?.length ?? 'none'}`);
    }
    if (tokens?.some(({ id }, at) => id !== ids[at])) throw new Error('A piece tells of other tokens than its own');
  }
  return {
    text: pieces.map(({ text }) => text).join(''),
    ids: pieces.flatMap(({ ids }) => ids),
    tokens: request.logprobs === undefined ? undefined : pieces.flatMap(({ tokens }) => tokens!),
    finish: pieces.at(-1)!.finish!,
    pieces,
  };
};

/** Waits until it holds; how long that takes is the machine's business. */
export const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 3 });

/** What was thrown. */
export const failureOf = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('It went well; it should have failed');
};
