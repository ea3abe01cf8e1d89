import type { Tensor } from 'onnxruntime-node';
import { ort } from '../../factory/index.ts';
import { type BankGraft, createBank, LoraError } from '../../lora/index.ts';
import type { AdapterLayout } from './decoder.ts';
import { layoutOf } from './layout.ts';

/** A bank graft's arrays, into whose slots adapters are written as they are laid out. */
export type AdapterBank = {
  readonly layout: AdapterLayout;
  /** What to feed, besides the slots. */
  readonly feeds: Readonly<Record<string, Tensor>>;
  /** @param slot from 1. Nothing is written where the slot has this adapter already. @throws LoraError when it has another size. */
  readonly write: (slot: number, laid: Float32Array) => void;
};

export const createAdapterBank = (
  graft: Pick<BankGraft, 'modules'>,
  { slots, rank, maxBytes }: { slots: number; rank: number; maxBytes?: number },
): AdapterBank => {
  const bank = createBank(graft, { slots, ...(maxBytes !== undefined && { maxBytes }) });
  const layout = layoutOf(graft.modules, rank);
  const arrays = [...bank.modules.values()];
  const held = new Map<number, Float32Array>();
  return {
    layout,
    feeds: Object.fromEntries(
      [...bank.feeds].map(([name, { data, dims }]) => [name, new ort.Tensor('float32', data, dims)]),
    ),
    write: (slot, laid) => {
      if (laid.length !== layout.size) {
        throw new LoraError(`An adapter of ${laid.length} numbers was given; this base's take ${layout.size}`);
      }
      if (held.get(slot) === laid) return;
      held.set(slot, laid);
      let at = 0;
      for (const { in: inputs, out, aBank, bBank } of arrays) {
        aBank.set(laid.subarray(at, at + inputs * rank), slot * inputs * rank);
        at += inputs * rank;
        bBank.set(laid.subarray(at, at + rank * out), slot * rank * out);
        at += rank * out;
      }
    },
  };
};
