import { drawSubsets, type Lds, linearDatamodelingScore } from '@openledger/gpu-worker/attribution/lds';
import {
  gradDot,
  type Method,
  normalisedInfluence,
  random,
  type WithGradient,
  whitenedCosine,
  whitenedInfluence,
} from '@openledger/gpu-worker/attribution/methods';
import { createRandom } from '@openledger/gpu-worker/factory';
import { startingAlgorithm } from '@openledger/protocol/attribution';
import { type Figures, round } from '../report.ts';
import { exactInfluence } from './digits/exactInfluence.ts';
import { type Image, readImages } from './digits/images.ts';
import { fit, gradientOf, lossOf } from './digits/logisticRegression.ts';
import type { Part } from './part.ts';

const [queries, chosenOn] = [500, 100];
const decay = 1e-3;
const dampings = [0.03, 0.1, 0.2, 0.3, 0.5, 1, 3];

/**
 * Linear datamodeling score of logistic regression on images of digits, as attribution libraries publish it for MNIST with 5,000
 * images and 500 queries: half-subsets, each fitted to its optimum. Dampings are chosen on queries that are not scored.
 */
export const logreg: Part = {
  name: 'logreg',
  async run({ isQuick }, progress) {
    const images = shuffled(await readImages());
    const count = images.length - queries;
    const [trained, asked] = [images.slice(0, count), images.slice(count)];
    const subsets = drawSubsets({ units: count, count: isQuick ? 20 : 100, seed: 7 });
    progress(`fitting ${subsets.length} half-subsets of ${count} images`);
    const weights = fit(images, { rows: trained.map((_, row) => row), decay });
    const fitted = subsets.map((rows) => fit(images, { rows, decay, from: weights }));
    const sampled = (image: Image): WithGradient => ({ gradient: gradientOf(image, weights) });
    const [rows, answers] = [trained.map(sampled), asked.map(sampled)];
    const score = (method: Method<WithGradient>, from: number, to: number): Lds => {
      const scores = answers.slice(from, to).map(method.prepare(rows).score);
      const losses = asked.slice(from, to).map((image) => fitted.map((weights) => lossOf(image, weights)));
      return linearDatamodelingScore(scores, { subsets, losses }, { samples: 200 });
    };
    const measured = (name: string, method: Method<WithGradient>): Figures => {
      progress(`scoring ${queries - chosenOn} queries by ${method.name}`);
      const { lds, low, high } = score(method, chosenOn, queries);
      return { [name]: round(lds, 4), [`${name}_low`]: round(low, 4), [`${name}_high`]: round(high, 4) };
    };
    const chosen = (make: (damping: number) => Method<WithGradient>): number => {
      progress(`choosing the damping of ${make(1).name}`);
      const tried = dampings.map((damping) => ({ damping, lds: score(make(damping), 0, chosenOn).lds }));
      return tried.reduce((best, other) => (other.lds > best.lds ? other : best)).damping;
    };
    const damping = chosen((damping) => whitenedInfluence({ damping }));
    const exact = (damping: number) => exactInfluence(trained, weights, { damping });
    const exactDamping = isQuick ? 0.3 : chosen(exact);
    return {
      ...measured('lds_logreg', whitenedInfluence({ damping })),
      lds_logreg_subsets: subsets.length,
      lds_logreg_damping: damping,
      ...measured(
        'lds_logreg_paid',
        normalisedInfluence({ damping, quantile: startingAlgorithm.influence.normQuantile }),
      ),
      ...measured('lds_logreg_cosine', whitenedCosine({ damping })),
      ...measured('lds_logreg_exact', exact(exactDamping)),
      ...measured('lds_logreg_grad_dot', gradDot()),
      ...measured('lds_logreg_random', random({ seed: 1 })),
    };
  },
};

const shuffled = (images: readonly Image[]): Image[] => {
  const random = createRandom(20_261_126);
  const keys = new Map(images.map((image) => [image, random.next()]));
  return images.toSorted((left, right) => keys.get(left)! - keys.get(right)!);
};
