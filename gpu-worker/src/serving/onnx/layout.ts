import { type Adapter, isAfterHidden, placesOf, toFloat32, transposeInto } from '../../lora/index.ts';
import type { AdapterLayout } from './decoder.ts';

/** What adapters of these modules can have. */
export const layoutOf = (
  modules: readonly { readonly module: string; readonly in: number; readonly out: number }[],
  rank: number,
): AdapterLayout => ({
  rank,
  modules: modules.map(({ module, in: inputs, out }) => ({ module, in: inputs, out })),
  size: modules.reduce((sum, module) => sum + rank * (module.in + module.out), 0),
});

/**
 * An adapter as rows take it: of each module that it adapts A and B transposed, the scale in B. Nothing is kept of the others,
 * nor of ranks that it has not: it is as large as its tensors. Which parts it has stands before them, in floats as well:
 * their number, then for each its module's place in the layout and its rank.
 *
 * @param make gives the memory for so many floats.
 * @throws LoraError when it does not fit.
 */
export const layOut = (
  adapter: Pick<Adapter, 'modules'>,
  layout: AdapterLayout,
  make: (size: number) => Float32Array = (size) => new Float32Array(size),
): Float32Array => {
  const kept = [...adapter.modules].filter(([name]) => layout.isHeadless !== true || !isAfterHidden(name));
  const modules = new Map(layout.modules.map((module) => [module.module, { ...module, rank: layout.rank }]));
  const places = placesOf(modules, { modules: new Map(kept) });
  const parts = layout.modules.flatMap(({ module }, index) => {
    const part = places.get(module);
    return part === undefined ? [] : [{ index, part }];
  });
  const size = parts.reduce((sum, { part }) => sum + part.rank * (part.in + part.out), 1 + 2 * parts.length);
  const laid = make(size);
  laid.set([parts.length, ...parts.flatMap(({ index, part }) => [index, part.rank])]);
  for (const { part, a, b } of partsOf(laid, layout, parts)) {
    transposeInto(a, toFloat32(part.a.dtype, part.a.data), part.rank, part.in, part.rank, 1);
    transposeInto(b, toFloat32(part.b.dtype, part.b.data), part.out, part.rank, part.out, part.scale);
  }
  return laid;
};

/** An adapter of all modules with the highest rank, laid out; `value` gives its numbers. */
export const wholeAdapter = ({ modules, rank, size }: AdapterLayout, value: (at: number) => number): Float32Array => {
  const parts = [modules.length, ...modules.flatMap((_, index) => [index, rank])];
  return Float32Array.from({ length: parts.length + size }, (_, at) => parts[at] ?? value(at));
};

/** A module's part of a laid-out adapter: A `[in, rank]` and B `[rank, out]`, where they lie. */
export type LaidPart = { readonly rank: number; readonly a: Float32Array; readonly b: Float32Array };

/** By the modules' places in the layout. */
export const readLaid = (laid: Float32Array, layout: AdapterLayout): ReadonlyMap<number, LaidPart> => {
  const parts = Array.from({ length: laid[0]! }, (_, at) => ({ index: laid[1 + 2 * at]!, rank: laid[2 + 2 * at]! }));
  return new Map(
    partsOf(
      laid,
      layout,
      parts.map((part) => ({ index: part.index, part })),
    ).map(({ index, part, a, b }) => [index, { rank: part.rank, a, b }]),
  );
};

const partsOf = <Part extends { readonly rank: number }>(
  laid: Float32Array,
  layout: AdapterLayout,
  parts: readonly { readonly index: number; readonly part: Part }[],
) => {
  let at = 1 + 2 * parts.length;
  const take = (size: number) => {
    at += size;
    return laid.subarray(at - size, at);
  };
  return parts.map(({ index, part }) => {
    const { in: inputs, out } = layout.modules[index]!;
    return { index, part, a: take(inputs * part.rank), b: take(part.rank * out) };
  });
};

/**
 * Writes a part, or nothing of it, to a place for A `[in, rank]` and B `[rank, out]` that holds up to `rank`.
 */
export const spread = (part: LaidPart | undefined, place: LaidPart): void => {
  if (part === undefined) {
    place.a.fill(0);
    place.b.fill(0);
    return;
  }
  place.b.set(part.b);
  if (part.rank === place.rank) {
    place.a.set(part.a);
    return;
  }
  place.b.fill(0, part.b.length);
  for (let from = 0, to = 0; from < part.a.length; from += part.rank, to += place.rank) {
    for (let i = 0; i < part.rank; i++) place.a[to + i] = part.a[from + i]!;
    place.a.fill(0, to + part.rank, to + place.rank);
  }
};

/** The arrays that a rows graft is fed: for each module A `[rows, in, rank]` and B `[rows, rank, out]`. */
export type AdapterRows = {
  /** Writes an adapter, as laid out, into a row; undefined writes zeros. Nothing where the row has it already. */
  readonly write: (row: number, laid: Float32Array | undefined) => void;
  readonly copy: (from: number, to: number) => void;
  /** Module by module what `rows` rows from `first` on have; where it lies. */
  readonly views: (first: number, rows: number) => readonly { readonly a: Float32Array; readonly b: Float32Array }[];
};

export const createAdapterRows = (layout: AdapterLayout, rows: number): AdapterRows => {
  const { rank } = layout;
  const arrays = layout.modules.map(({ in: inputs, out }) => ({
    a: new Float32Array(rows * inputs * rank),
    b: new Float32Array(rows * out * rank),
  }));
  const holds: (Float32Array | undefined)[] = Array.from({ length: rows }, () => undefined);
  /** Modules of each row that are not all zeros. */
  const filled = Array.from({ length: rows }, () => new Set<number>());
  const sizes = layout.modules.map(({ in: inputs, out }) => [inputs * rank, out * rank] as const);
  return {
    write: (row, laid) => {
      if (holds[row] === laid) return;
      holds[row] = laid;
      const parts = laid === undefined ? new Map<number, LaidPart>() : readLaid(laid, layout);
      for (const [index, { a, b }] of arrays.entries()) {
        const part = parts.get(index);
        if (part === undefined && !filled[row]!.has(index)) continue;
        const [sizeA, sizeB] = sizes[index]!;
        spread(part, {
          rank,
          a: a.subarray(row * sizeA, (row + 1) * sizeA),
          b: b.subarray(row * sizeB, (row + 1) * sizeB),
        });
      }
      filled[row] = new Set(parts.keys());
    },
    copy: (from, to) => {
      if (holds[to] === holds[from]) return;
      holds[to] = holds[from];
      filled[to] = new Set(filled[from]);
      for (const [index, { a, b }] of arrays.entries()) {
        const [sizeA, sizeB] = sizes[index]!;
        a.copyWithin(to * sizeA, from * sizeA, (from + 1) * sizeA);
        b.copyWithin(to * sizeB, from * sizeB, (from + 1) * sizeB);
      }
    },
    views: (first, count) =>
      arrays.map(({ a, b }, index) => {
        const [sizeA, sizeB] = sizes[index]!;
        return {
          a: a.subarray(first * sizeA, (first + count) * sizeA),
          b: b.subarray(first * sizeB, (first + count) * sizeB),
        };
      }),
  };
};
