import type { Adapter, AdapterModule } from './adapter.ts';
import { LoraError } from './errors.ts';
import { toFloat32 } from './floats.ts';
import type { BankGraft, BankModule } from './graft.ts';
import { resolveModule } from './names.ts';

/**
 * The arrays that a bank graft is fed. Slot 0 stays all zeros: the plain base. On CPU, onnxruntime reads these arrays where
 * they lie, so writing a slot is all it takes to swap an adapter.
 */
export type Bank = {
  readonly slots: number;
  readonly modules: ReadonlyMap<string, BankArrays>;
  /** By input name of the graph: what to feed besides `slot`. */
  readonly feeds: ReadonlyMap<string, { readonly data: Float32Array; readonly dims: readonly number[] }>;
};

export type BankArrays = BankModule & {
  /** [slots, in, rank] */
  readonly aBank: Float32Array;
  /** [slots, rank, out] */
  readonly bBank: Float32Array;
};

/** Bytes that one slot takes. */
export const slotBytes = ({ modules }: Pick<BankGraft, 'modules'>): number =>
  modules.reduce((sum, module) => sum + 4 * module.rank * (module.in + module.out), 0);

/**
 * A bank of zeros: `slots` counts slot 0, which no adapter can have.
 *
 * @throws LoraError when it would take more than `maxBytes`.
 */
export const createBank = (
  graft: Pick<BankGraft, 'modules'>,
  { slots, maxBytes = 2 ** 32 }: { slots: number; maxBytes?: number },
): Bank => {
  if (!Number.isSafeInteger(slots) || slots < 1) throw new LoraError(`A bank was asked for with ${slots} slots`);
  const bytes = slots * slotBytes(graft);
  if (bytes > maxBytes)
    throw new LoraError(`A bank of ${slots} slots takes ${bytes} bytes; at most ${maxBytes} are allowed`);
  const modules = new Map<string, BankArrays>();
  const feeds = new Map<string, { data: Float32Array; dims: number[] }>();
  for (const module of graft.modules) {
    const aBank = new Float32Array(slots * module.in * module.rank);
    const bBank = new Float32Array(slots * module.rank * module.out);
    modules.set(module.module, { ...module, aBank, bBank });
    feeds.set(module.a, { data: aBank, dims: [slots, module.in, module.rank] });
    feeds.set(module.b, { data: bBank, dims: [slots, module.rank, module.out] });
  }
  return { slots, modules, feeds };
};

/** A bank with these adapters in slots 1, 2, … @throws LoraError as `createBank` and `writeSlot`. */
export const packBank = (
  graft: Pick<BankGraft, 'modules'>,
  adapters: readonly Adapter[],
  options: { slots?: number; maxBytes?: number } = {},
): Bank => {
  const bank = createBank(graft, { slots: adapters.length + 1, ...options });
  for (const [index, adapter] of adapters.entries()) writeSlot(bank, index + 1, adapter);
  return bank;
};

/**
 * Writes an adapter into its slot, in place: A and B transposed, the scale folded into B, zeros where the adapter has
 * nothing. No session may run meanwhile with rows of that slot.
 *
 * @throws LoraError when the adapter does not fit, before anything is written.
 */
export const writeSlot = (bank: Bank, slot: number, adapter: Pick<Adapter, 'modules'>): void => {
  if (!Number.isSafeInteger(slot) || slot < 1 || slot >= bank.slots) {
    throw new LoraError(`Slot ${slot} cannot be written; this bank has 1 to ${bank.slots - 1}, and 0 is the base`);
  }
  const places = placesOf(bank.modules, adapter);
  for (const arrays of bank.modules.values()) {
    const module = places.get(arrays.module);
    const a = arrays.aBank.subarray(slot * arrays.in * arrays.rank, (slot + 1) * arrays.in * arrays.rank);
    const b = arrays.bBank.subarray(slot * arrays.rank * arrays.out, (slot + 1) * arrays.rank * arrays.out);
    if (module === undefined || module.rank < arrays.rank) {
      a.fill(0);
      b.fill(0);
    }
    if (module === undefined) continue;
    // [rank, in] → [in, bank's rank], then [out, rank] → [bank's rank, out].
    transposeInto(a, toFloat32(module.a.dtype, module.a.data), module.rank, module.in, arrays.rank, 1);
    transposeInto(b, toFloat32(module.b.dtype, module.b.data), module.out, module.rank, arrays.out, module.scale);
  }
};

/** Makes a slot the plain base again. */
export const clearSlot = (bank: Bank, slot: number): void => writeSlot(bank, slot, { modules: new Map() });

/**
 * Which part of an adapter goes to which module of a base.
 *
 * @throws LoraError when one has no place, another size, a higher rank, or the place of another.
 */
export const placesOf = (
  modules: ReadonlyMap<string, { readonly in: number; readonly out: number; readonly rank: number }>,
  adapter: Pick<Adapter, 'modules'>,
): ReadonlyMap<string, AdapterModule> => {
  const known = new Set(modules.keys());
  const places = new Map<string, AdapterModule>();
  for (const [name, module] of adapter.modules) {
    const place = resolveModule(name, known);
    const room = place === undefined ? undefined : modules.get(place);
    if (place === undefined || room === undefined) {
      throw new LoraError(`The adapter adapts ${name}, which this bank has not (${known.size} modules)`);
    }
    if (module.in !== room.in || module.out !== room.out) {
      const has = `${room.in} inputs and ${room.out} outputs`;
      throw new LoraError(
        `The adapter's ${name} is for ${module.in} inputs and ${module.out} outputs; the base has ${has}`,
      );
    }
    if (module.rank > room.rank) {
      throw new LoraError(`The adapter's ${name} has rank ${module.rank}; slots of this bank hold up to ${room.rank}`);
    }
    if (places.has(place)) throw new LoraError(`The adapter adapts ${place} twice, under two names`);
    places.set(place, module);
  }
  return places;
};

/** `from` [rows, columns] to `into` [columns, stride], of which it fills the first `rows`, times `factor`. */
export const transposeInto = (
  into: Float32Array,
  from: Float32Array,
  rows: number,
  columns: number,
  stride: number,
  factor: number,
): void => {
  for (let row = 0; row < rows; row++) {
    for (let column = 0, at = row * columns; column < columns; column++, at++) {
      into[column * stride + row] = from[at]! * factor;
    }
  }
};
