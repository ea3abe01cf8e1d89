import { differentiate } from '../autodiff/index.ts';
import type { Model } from '../onnx/index.ts';
import { type BankModule, type BankOptions, graft } from './graft.ts';

export type SampleGradients = {
  readonly model: Model;
  /** Input int64 [batch]: the slot of each row. */
  readonly slot: string;
  readonly modules: readonly SampleGradientModule[];
};

/**
 * Outputs `gradientA` [batch, in, rank] and `gradientB` [batch, rank, out]: of each row's own loss, with respect to A and to
 * B as banks hold it, the scale folded in. The gradient with respect to B as peft stores it is the scale times that.
 */
export type SampleGradientModule = BankModule & { readonly gradientA: string; readonly gradientB: string };

/**
 * Gradients of each row of a batch with respect to the adapter of its slot, from one backward pass: rows have A and B of
 * their own, so that a row's gradients hold its own loss only.
 *
 * @param loss the sum of the rows' losses, a value of the model; `given` as `differentiate` takes it.
 * @example
 * const { model, modules } = sampleGradients(withLoss(base, { logits: 'logits' }), { loss: 'loss', targets, rank: 8 });
 * @throws LoraError as `graft`, AutodiffError as `differentiate`.
 */
export const sampleGradients = (
  base: Model,
  options: Omit<BankOptions, 'kind'> & { readonly loss: string; readonly given?: Readonly<Record<string, string>> },
): SampleGradients => {
  const { loss, given, targets, rank } = options;
  const { model, modules, slot } = graft(base, { kind: 'bank', targets, rank });
  const wrt = modules.flatMap(({ rowsA, rowsB }) => [rowsA, rowsB]);
  return {
    model: differentiate(model, { loss, wrt, ...(given && { given }) }),
    slot,
    modules: modules.map((module) => ({
      ...module,
      gradientA: `${module.rowsA}_grad`,
      gradientB: `${module.rowsB}_grad`,
    })),
  };
};
