import { startingAlgorithm } from '@openledger/protocol/attribution';
import { createRandom, type Random } from '../../factory/index.ts';
import { clusterRows } from '../duplicates/index.ts';
import { evidenceScores, influenceEvidence } from '../receipts/index.ts';
import { account, bytes32, type FixtureRow, versionOf } from '../receipts/version.fixture.ts';
import { sharesOf } from '../shares/index.ts';
import { spansOf } from '../spans/index.ts';

// A world small enough to train anew for every attack: topics are Markov chains over a vocabulary, the model is the softmax of one
// matrix, next token by token before, fitted to all rows but copies by gradient descent, as trainers do. Its gradients are
// projected from both sides as an adapter's are, and everything after them is the code that pays.

export const vocabulary = 192;
const topics = 6;
const side = 16;
/** Tokens of a document. */
const length = 48;

/** A document of somebody's; earlier ones come first. Numbers above 0 are accounts, 0 is foreign. */
export type Document = { readonly by: number; readonly tokens: readonly number[]; readonly contribution?: bigint };

type Chain = (random: Random, before: number) => number;

/** A topic has a third of the vocabulary; each word has three that like to follow it. */
const chainOf = (seed: number): Chain => {
  const random = createRandom(seed);
  const words = Array.from({ length: vocabulary / 3 }, () => random.below(vocabulary));
  const followers = Array.from({ length: vocabulary }, () => [0, 1, 2].map(() => words[random.below(words.length)]!));
  return (draw, before) => {
    const at = draw.next();
    if (at > 0.9) return words[draw.below(words.length)]!;
    return followers[before]![at < 0.5 ? 0 : at < 0.75 ? 1 : 2]!;
  };
};

const chains = Array.from({ length: topics }, (_, topic) => chainOf(100 + topic));

export const textOf = (chain: Chain, random: Random, tokens = length): number[] => {
  const text = [random.below(vocabulary)];
  while (text.length < tokens) text.push(chain(random, text.at(-1)!));
  return text;
};

export const topicText = (topic: number, random: Random, tokens = length): number[] =>
  textOf(chains[topic % topics]!, random, tokens);
export const noise = (random: Random, tokens = length): number[] =>
  Array.from({ length: tokens }, () => random.below(vocabulary));

/** Accounts 1 to 6, each with eight documents on its topic and two on the next. */
export const honest = (seed = 1): readonly Document[] => {
  const random = createRandom(seed);
  return Array.from({ length: topics * 10 }, (_, at) => {
    const by = 1 + (at % topics);
    return { by, tokens: topicText(at < topics * 8 ? by - 1 : by, random) };
  });
};

/** Texts of topics of their own that nobody contributed: what the null band is of. */
const foreign: readonly Document[] = Array.from({ length: 40 }, (_, at) => ({
  by: 0,
  tokens: textOf(chainOf(900 + at), createRandom(5_000 + at)),
}));

/** Answers on every topic, the same in every world. */
const answers = Array.from({ length: 12 }, (_, at) => topicText(at, createRandom(7_000 + at), 32));

/** [vocabulary · vocabulary] logits of next tokens, by gradient descent on all rows with weight decay. */
const train = (documents: readonly Document[]): Float64Array => {
  const counts = new Float64Array(vocabulary * vocabulary);
  for (const { tokens } of documents) {
    for (let at = 1; at < tokens.length; at++) counts[tokens[at - 1]! * vocabulary + tokens[at]!]!++;
  }
  const logits = new Float64Array(vocabulary * vocabulary);
  for (let before = 0; before < vocabulary; before++) {
    const own = counts.subarray(before * vocabulary, (before + 1) * vocabulary);
    const all = own.reduce((sum, count) => sum + count, 0);
    const of = logits.subarray(before * vocabulary, (before + 1) * vocabulary);
    for (let step = 0; step < 30 && all > 0; step++) {
      const chance = softmax(of);
      for (let next = 0; next < vocabulary; next++) {
        of[next]! += (2 * (own[next]! - all * chance[next]!)) / (1 + all) - 0.02 * of[next]!;
      }
    }
  }
  return logits;
};

const softmax = (logits: Float64Array): Float64Array => {
  const most = logits.reduce((a, b) => Math.max(a, b));
  const powers = logits.map((value) => Math.exp(value - most));
  const sum = powers.reduce((all, value) => all + value, 0);
  return powers.map((value) => value / sum);
};

const sides = createRandom(31);
const [inner, outer] = [0, 1].map(() =>
  Float64Array.from({ length: side * vocabulary }, () => (sides.next() < 0.5 ? -1 : 1) / Math.sqrt(vocabulary)),
);

/** P_out (chance − next) ⊗ P_in before, summed over the tokens: [side · side]. */
const gradientOf = (logits: Float64Array, tokens: readonly number[]): Float64Array => {
  const gradient = new Float64Array(side * side);
  for (let at = 1; at < tokens.length; at++) {
    const [before, next] = [tokens[at - 1]!, tokens[at]!];
    const error = softmax(logits.subarray(before * vocabulary, (before + 1) * vocabulary));
    error[next]! -= 1;
    for (let row = 0; row < side; row++) {
      let sum = 0;
      for (let token = 0; token < vocabulary; token++) sum += outer![row * vocabulary + token]! * error[token]!;
      for (let column = 0; column < side; column++) {
        gradient[row * side + column]! += sum * inner![column * vocabulary + before]!;
      }
    }
  }
  return gradient;
};

/**
 * What each account earns, ppm of the contributors' part, mean over answers on all topics, when a model is trained on these documents.
 * @param of the answers, the world's own when left out
 */
export const earnings = async (
  documents: readonly Document[],
  {
    algorithm = startingAlgorithm,
    of = answers,
  }: { algorithm?: typeof startingAlgorithm; of?: readonly (readonly number[])[] } = {},
): Promise<ReadonlyMap<number, number>> => {
  const clusters = clusterRows(
    documents.map(({ tokens }) => tokens),
    algorithm.duplicates,
  );
  const logits = train(documents.filter((_, row) => clusters[row] === row));
  const owned = documents.map((document, at) => ({
    ...document,
    contribution: document.contribution ?? BigInt(at + 1),
  }));
  const rows = [...owned, ...foreign].map(
    ({ by, tokens, contribution = 0n }): FixtureRow => ({
      contributionId: contribution,
      contributor: account(by),
      tokens,
      gradient: gradientOf(logits, tokens),
    }),
  );
  const version = versionOf(rows, { vocabSize: vocabulary });
  const earned = new Map<number, number>();
  for (const [at, tokens] of of.entries()) {
    const settings = algorithm.spans;
    const answerTokens = tokens.length;
    const evidence = {
      answerTokens,
      influence: influenceEvidence(gradientOf(logits, tokens), version.whitening),
      spans: [...spansOf(version.spans, tokens, { seed: bytes32(`answer ${at}`), settings, beginsWord: () => true })],
    };
    const scores = await evidenceScores(evidence, { version, algorithm });
    const { contributions } = version;
    const { shares } = sharesOf(scores, { algorithm, answerTokens, contributions });
    for (const { contributionId, ppm } of shares) {
      const by = Number(contributions.get(contributionId)!.contributor);
      earned.set(by, (earned.get(by) ?? 0) + ppm / of.length);
    }
  }
  return earned;
};
