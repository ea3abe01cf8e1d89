import { gradDot, selfInfluence } from '@openledger/gpu-worker/attribution/methods';
import { padExamples } from '@openledger/gpu-worker/factory';
import { round } from '../report.ts';
import type { Part } from './part.ts';
import { end, exampleOf } from './sentences/alphabet.ts';
import { sequence, trainSpeller } from './sentences/speller.ts';
import { drawTasks } from './sentences/tasks.ts';
import { tune } from './tuned.ts';

/** The part of all rows that somebody looks at. */
const inspected = 0.2;

/**
 * Rows with wrong answers, one in ten, by their self-influence: of those, how many are among the fifth of all rows that influence
 * themselves most? Beside it the plain norm of their gradients.
 */
export const noisy: Part = {
  name: 'noisy',
  async run({ isQuick, threads }, progress) {
    progress('training a small transformer');
    const base = await trainSpeller({ threads });
    const tasks = drawTasks({ ofEach: isQuick ? 30 : 90, wrong: 0.1, seed: 3 });
    progress(`training an adapter on ${tasks.length} tasks, one in ten wrong`);
    const examples = tasks.map(({ kind, sentence, answer }) => exampleOf(kind.short, sentence, answer));
    const { ofRows } = await tune({
      base,
      rows: padExamples(examples, { sequence, separator: end }),
      targetModules: 'all-linear',
      alpha: 16,
      batch: 16,
      // Six times each: what was best on two other draws of the tasks (338, 450, 562 and 675 were tried).
      steps: isQuick ? 113 : 338,
      dimensions: 1_024,
      peak: 1e-2,
      threads,
    });
    const rows = ofRows.map((gradient) => ({ gradient }));
    const foundBy = (scores: ArrayLike<number>): number => {
      const order = Array.from(tasks.keys()).sort((left, right) => scores[right]! - scores[left]!);
      const seen = order.slice(0, Math.round(inspected * tasks.length)).filter((row) => tasks[row]!.isWrong);
      return round(seen.length / tasks.filter(({ isWrong }) => isWrong).length, 4);
    };
    progress('finding the wrong ones');
    const plain = gradDot().prepare(rows);
    return {
      noisy_at_20: foundBy(selfInfluence({ damping: 1 }).prepare(rows).score(rows[0]!)),
      noisy_at_20_gradient_norm: foundBy(rows.map((row, at) => plain.score(row)[at]!)),
      noisy_at_20_random: inspected,
      noisy_rows: tasks.length,
    };
  },
};
