import { logarithm } from './logarithm.ts';
import type { SpanIndex } from './spanIndex.ts';

/**
 * The surprise, in millionths of a nat, above which less than one passage of an answer is expected to stand in the documents
 * by mere chance, however many they are: ln(tokens of the documents) + ln(tokens of the answer). Source: the bit scores of
 * Karlin and Altschul, Methods for assessing the statistical significance of molecular sequence features, 1990.
 */
export const chanceOf = ({ tokens }: Pick<SpanIndex, 'tokens'>, answerTokens: number): number =>
  millionths(tokens) + millionths(answerTokens);

const millionths = (count: number): number => Math.round(1e6 * logarithm(Math.max(1, count)));
