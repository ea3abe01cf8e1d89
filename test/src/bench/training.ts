import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { shippedRecipe } from '@openledger/gpu-worker/base';
import { type Bench, type Figures, round } from './report.ts';
import type { Case, Measured } from './training/case.ts';
import { findPyTorch, measurePyTorch } from './training/pytorch.ts';

/** Tokens of a batch, whatever its rows are long. */
const tokens = 2_048;

/**
 * How fast the shipped base's architecture is trained, all of it and adapters on it, and what memory that takes beside what
 * was predicted; and the same in PyTorch, where `PYTORCH_PYTHON` or `python3` has it. The two take turns, each in a process
 * of its own, and of each the best turn counts: on a machine that others use as well, the worse ones tell of the others.
 */
export const training: Bench = {
  name: 'training',
  flags: ['--quick'],
  async run(flags, progress) {
    const [turns, steps] = flags.has('--quick') ? [1, 4] : [3, 12];
    const python = await findPyTorch();
    if (python === undefined) progress('no Python with torch, transformers and peft: PyTorch is left out');
    const figures: Record<string, number> = {};
    for (const mode of ['full', 'lora'] as const) {
      const given = caseOf({ mode, sequence: 256, steps });
      const [here, there]: Measured[][] = [[], []];
      for (let turn = 1; turn <= turns; turn++) {
        progress(`${mode}, turn ${turn} of ${turns}`);
        here!.push(await measure(given));
        if (python !== undefined) there!.push(await measurePyTorch(python, given));
      }
      const prefix = mode === 'full' ? '' : 'lora_';
      for (const [name, value] of Object.entries(compare(best(here!), there!.length > 0 ? best(there!) : undefined))) {
        figures[`${prefix}${name}`] = value;
      }
    }
    for (const sequence of [64, 128, 256, 512]) {
      progress(`rows of ${sequence} tokens`);
      const { tokens_per_s } = await measure(caseOf({ mode: 'full', sequence, steps }));
      figures[`tokens_per_s_at_${sequence}`] = round(tokens_per_s);
    }
    return figures;
  },
};

const best = (turns: readonly Measured[]): Measured =>
  turns.reduce((least, other) => (other.step_ms < least.step_ms ? other : least));

const compare = (here: Measured, there: Measured | undefined): Figures => ({
  tokens_per_s: round(here.tokens_per_s),
  step_ms: round(here.step_ms, 1),
  forward_share: round(here.forward_ms / here.step_ms, 3),
  peak_mb: round(here.peak_bytes / 1e6),
  predicted_mb: round(here.predicted_bytes! / 1e6),
  ...(there && {
    pytorch_tokens_per_s: round(there.tokens_per_s),
    pytorch_step_ms: round(there.step_ms, 1),
    pytorch_peak_mb: round(there.peak_bytes / 1e6),
    ratio_to_pytorch: round(here.tokens_per_s / there.tokens_per_s, 3),
    first_loss_gap: round(Math.abs(here.losses[0]! - there.losses[0]!), 6),
    last_loss_gap: round(Math.abs(here.losses.at(-1)! - there.losses.at(-1)!), 6),
  }),
});

const measure = async (given: Case): Promise<Measured> => {
  const file = join(import.meta.dirname, 'training/measure.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [file, JSON.stringify(given)]);
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
};

const caseOf = ({ mode, sequence, steps }: Pick<Case, 'mode' | 'sequence' | 'steps'>): Case => ({
  config: shippedRecipe.config,
  mode,
  rank: 8,
  targets: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
  batch: tokens / sequence,
  sequence,
  steps,
  rate: 1e-3,
  threads: availableParallelism(),
});
