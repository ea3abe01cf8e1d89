import type { Tensor } from 'onnxruntime-node';
import { type BankGraft, createBank, graft } from '../../../lora/index.ts';
import type { Model } from '../../../onnx/index.ts';
import type { AdapterLayout } from '../decoder.ts';
import { layoutOf, readLaid, spread } from '../layout.ts';
import { float32, int64 } from '../tensors.ts';

/** Slots of a model for adapters. */
export type AdapterBank = {
  readonly layout: AdapterLayout;
  /** What to feed for rows with these slots; slot 0 is the base alone. */
  readonly feeds: (slots: readonly number[]) => Readonly<Record<string, Tensor>>;
  /** @param slot from 1. Nothing is written where it has this adapter already. */
  readonly write: (slot: number, laid: Float32Array) => void;
};

/**
 * Grafts branches onto these modules. Without any, or with rank 0, there are no adapters: the base alone is served.
 *
 * @returns the model to be opened apart from the rest, which does not keep its weights in memory.
 */
export const graftBank = (
  model: Model,
  { targets, rank, slots }: { targets: readonly string[]; rank: number; slots: number },
): { readonly model: Model; readonly bank: AdapterBank } => {
  if (targets.length === 0 || rank === 0) {
    return { model, bank: { layout: layoutOf([], rank), feeds: () => ({}), write: () => {} } };
  }
  const grafted = graft(model, { kind: 'bank', targets, rank });
  return { model: grafted.model, bank: createAdapterBank(grafted, { rank, slots }) };
};

const createAdapterBank = (
  { modules, slot: slotInput }: Pick<BankGraft, 'modules' | 'slot'>,
  { rank, slots }: { rank: number; slots: number },
): AdapterBank => {
  const bank = createBank({ modules }, { slots, maxBytes: Number.MAX_SAFE_INTEGER });
  const layout = layoutOf(modules, rank);
  const feeds = Object.fromEntries([...bank.feeds].map(([name, { data, dims }]) => [name, float32(dims, data)]));
  const held = new Map<number, Float32Array>();
  return {
    layout,
    feeds: (chosen) => ({ ...feeds, [slotInput]: int64([chosen.length], chosen) }),
    write: (slot, laid) => {
      if (held.get(slot) === laid) return;
      held.set(slot, laid);
      const parts = readLaid(laid, layout);
      for (const [index, { in: inputs, out, aBank, bBank }] of [...bank.modules.values()].entries()) {
        const a = aBank.subarray(slot * inputs * rank, (slot + 1) * inputs * rank);
        spread(parts.get(index), { rank, a, b: bBank.subarray(slot * rank * out, (slot + 1) * rank * out) });
      }
    },
  };
};
