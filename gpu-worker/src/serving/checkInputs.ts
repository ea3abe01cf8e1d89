import { RequestError } from './engine.ts';

/** What can be embedded. */
export type InputLimits = {
  readonly vocabSize: number;
  /** Tokens of one text. */
  readonly maxContext: number;
};

/** @throws RequestError for the first text that cannot be embedded. */
export const checkInputs = (inputs: readonly (readonly number[])[], { vocabSize, maxContext }: InputLimits): void => {
  if (inputs.length === 0) throw new RequestError('There are no inputs to embed', 'input');
  for (const [index, input] of inputs.entries()) {
    if (input.length === 0) throw new RequestError(`Text ${index} is empty; it needs at least one token`, 'input');
    if (input.length > maxContext) {
      throw new RequestError(`Text ${index} has ${input.length} tokens; the model takes ${maxContext}`, 'input');
    }
    const unknown = input.find((id) => !Number.isSafeInteger(id) || id < 0 || id >= vocabSize);
    if (unknown !== undefined) {
      const known = `there are the tokens 0 to ${vocabSize - 1}`;
      throw new RequestError(`Text ${index} has a token ${unknown}; ${known}`, 'input');
    }
  }
};
