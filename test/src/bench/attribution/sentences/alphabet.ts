import type { Example } from '@openledger/gpu-worker/factory';

const characters = [...' *>1abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const ids = new Map(['<s>', '</s>', '<pad>', ...characters].map((token, id) => [token, id]));

/** One token for each character. */
export const vocabularySize = ids.size;

export const [begin, end, pad] = [0, 1, 2];

/** A name of what is to be done, a sentence, and behind `>` the answer that is learned. */
export const exampleOf = (name: string, sentence: string, answer: string): Example => {
  const prompt = [begin, ...spell(`${name} ${sentence}>`)];
  return { ids: [...prompt, ...spell(answer), end], prompt: prompt.length };
};

const spell = (text: string): number[] =>
  [...text].map((character) => {
    const id = ids.get(character);
    if (id === undefined) throw new RangeError(`The alphabet has no ${JSON.stringify(character)}`);
    return id;
  });
