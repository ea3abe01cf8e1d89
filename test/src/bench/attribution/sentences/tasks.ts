import { createRandom } from '@openledger/gpu-worker/factory';
import { drawSentence } from './sentence.ts';
import { type Transformation, transformations } from './transformations.ts';

export type Task = {
  readonly kind: Transformation;
  readonly sentence: string;
  /** What the transformation makes of the sentence, or another one where it is wrong. */
  readonly answer: string;
  readonly isWrong: boolean;
};

/**
 * As many tasks of each kind, one kind after another.
 *
 * @param options `wrong`: the part of each kind's tasks whose answer is another transformation's.
 */
export const drawTasks = ({
  ofEach,
  wrong = 0,
  seed,
}: {
  readonly ofEach: number;
  readonly wrong?: number;
  readonly seed: number;
}): Task[] => {
  const random = createRandom(seed);
  return transformations.flatMap((kind) =>
    Array.from({ length: ofEach }, (_, at): Task => {
      const sentence = drawSentence(random);
      const others = transformations.filter((other) => other !== kind && other.of(sentence) !== kind.of(sentence));
      const isWrong = at < Math.round(wrong * ofEach);
      const used = isWrong ? others[random.below(others.length)]! : kind;
      return { kind, sentence, answer: used.of(sentence), isWrong };
    }),
  );
};
