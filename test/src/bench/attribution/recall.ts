import {
  bm25,
  dataInf,
  gradDot,
  type Method,
  normalisedInfluence,
  random,
  whitenedCosine,
  whitenedInfluence,
} from '@openledger/gpu-worker/attribution/methods';
import { readBase, trainingModel } from '@openledger/gpu-worker/base';
import { padExamples } from '@openledger/gpu-worker/factory';
import { startingAlgorithm } from '@openledger/protocol/attribution';
import { type Figures, round } from '../report.ts';
import type { Part } from './part.ts';
import { chatbotText } from './sentences/chatbot.ts';
import { drawTasks, type Task } from './sentences/tasks.ts';
import { tune } from './tuned.ts';

/** Tokens of a row: the longest text has 76. */
const sequence = 80;

const dampings = [100, 300, 1_000, 3_000];

/**
 * DataInf's identification task (arXiv:2310.00902, section 4.3) on the shipped base, with its targets, rank, texts (all of which is
 * learned) and numbers: ten chatbots, each with a transformation of sentences. Of the 90 texts that are most influential for a new
 * one, how many are of its chatbot? The damping is chosen on one half of the new texts, the figures are of the other.
 */
export const recall: Part = {
  name: 'recall',
  async run({ base: folder, isQuick, threads }, progress) {
    const { config, weights, tokenizer } = await readBase(folder);
    const ofEach = isQuick ? 30 : 90;
    const tasks = drawTasks({ ofEach, seed: 1 });
    const asked = drawTasks({ ofEach: isQuick ? 4 : 10, seed: 2 });
    const end = tokenizer.special.end!;
    const tokensOf = (some: readonly Task[]) => some.map((task) => [...tokenizer.encode(chatbotText(task)), end]);
    const rowsOf = (tokens: readonly (readonly number[])[]) =>
      padExamples(
        tokens.map((ids) => ({ ids })),
        { sequence, separator: end },
      );
    const [learned, others] = [tokensOf(tasks), tokensOf(asked)];
    progress(`training an adapter on ${tasks.length} texts of ten chatbots`);
    const tuned = await tune({
      base: trainingModel(config, weights),
      rows: rowsOf(learned),
      others: rowsOf(others),
      targetModules: ['q_proj', 'v_proj'],
      alpha: 32,
      batch: 32,
      steps: 10,
      dimensions: 2_048,
      peak: 3e-4,
      threads,
    });
    const rows = learned.map((tokens, at) => ({ tokens, gradient: tuned.ofRows[at]!, embedding: [] }));
    const answers = others.map((tokens, at) => ({ tokens, gradient: tuned.ofOthers[at]!, embedding: [] }));
    const isSame = (row: number, answer: number): boolean => tasks[row]!.kind === asked[answer]!.kind;
    /** Of every second answer, from the first or from the second. */
    const recallOf = (method: Method, first: 0 | 1): number => {
      const { score } = method.prepare(rows);
      const found = answers.flatMap((answer, at) => {
        if (at % 2 !== first) return [];
        const scores = score(answer);
        const order = Array.from(rows.keys()).sort((left, right) => scores[right]! - scores[left]!);
        return [order.slice(0, ofEach).filter((row) => isSame(row, at)).length / ofEach];
      });
      return found.reduce((sum, part) => sum + part, 0) / found.length;
    };
    progress('choosing the damping');
    const paid = (damping: number) =>
      normalisedInfluence({ damping, quantile: startingAlgorithm.influence.normQuantile });
    const tried = dampings.map((damping) => ({ damping, recall: recallOf(paid(damping), 0) }));
    const { damping } = tried.reduce((best, other) => (other.recall > best.recall ? other : best));
    const measured = (method: Method): number => {
      progress(`scoring new texts by ${method.name}`);
      return round(recallOf(method, 1), 4);
    };
    const figures: Figures = {
      recall_at_90: measured(paid(damping)),
      recall_at_90_unnormalised: measured(whitenedInfluence({ damping })),
      recall_at_90_cosine: measured(whitenedCosine({ damping })),
      recall_at_90_datainf: measured(dataInf({ matrices: tuned.matrices })),
      recall_at_90_grad_dot: measured(gradDot()),
      recall_at_90_bm25: measured(bm25()),
      recall_at_90_random: measured(random({ seed: 1 })),
      recall_damping: damping,
    };
    return { ...figures, recall_training_loss: round(tuned.loss, 3) };
  },
};
