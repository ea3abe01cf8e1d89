import type { Value } from '../onnx/index.ts';
import type { Emitter } from './emitter.ts';

/**
 * A share of the gradient of a value, in a form that need not be as large as the value:
 * - a name: with the value's own shape;
 * - `whole`: the same, with what a product knows of it: `rowDot` is the sum along the last axis, kept as 1, of value times
 *   gradient;
 * - `spread`: any shape that broadcasts to it, as the gradient of a sum is;
 * - `piece`: of a stretch of one axis, zero elsewhere, as the gradient of a slice is;
 * - `onto`: of some elements or rows; it adds itself onto a gradient of the value's shape. Of one that picks elements
 *   along an axis (`elements`) a rule can see which.
 */
export type Gradient =
  | Value
  | { readonly whole: Value; readonly rowDot: () => Value }
  | { readonly spread: Value }
  | { readonly piece: Value; readonly axis: number; readonly start: number; readonly end: number }
  | { readonly onto: (base: Value) => Value; readonly elements?: Elements };

export type Elements = { readonly indices: Value; readonly updates: Value; readonly axis: number };

type Piece = Extract<Gradient, { piece: Value }>;

const isPiece = (gradient: Gradient): gradient is Piece => typeof gradient !== 'string' && 'piece' in gradient;

/** Whether all that there is need not be as large as the value. */
export const isSpread = ([only, ...others]: readonly Gradient[]): boolean =>
  others.length === 0 && typeof only === 'object' && 'spread' in only;

/** All shares as one value that broadcasts to the shape of `of`. */
export const spreadOf = (g: Emitter, of: Value, gradients: readonly Gradient[]): Value => {
  const [only, ...others] = gradients;
  if (others.length === 0 && typeof only === 'object' && 'spread' in only) return only.spread;
  return wholeOf(g, of, gradients);
};

/** All shares as one value of the shape of `of`. */
export const wholeOf = (g: Emitter, of: Value, gradients: readonly Gradient[]): Value => {
  const whole = gradients.flatMap((gradient) =>
    typeof gradient === 'string' ? [gradient] : 'whole' in gradient ? [gradient.whole] : [],
  );
  whole.push(...piecesOf(g, of, gradients.filter(isPiece)));
  const spread = gradients.flatMap((gradient) =>
    typeof gradient === 'object' && 'spread' in gradient ? [gradient.spread] : [],
  );
  let result = addUp(g, whole);
  for (const value of spread) result = result === undefined ? g.expandLike(value, of) : g.add(result, value);
  for (const gradient of gradients) {
    if (typeof gradient === 'object' && 'onto' in gradient) result = gradient.onto(result ?? g.zerosLike(of));
  }
  return result ?? g.zerosLike(of);
};

const addUp = (g: Emitter, values: readonly Value[]): Value | undefined => {
  if (values.length < 3) return values.length === 2 ? g.add(values[0]!, values[1]!) : values[0];
  return g.op('Sum', values);
};

/** Pieces that together are the whole are joined: one copy rather than several padded values and their sum. */
const piecesOf = (g: Emitter, of: Value, pieces: readonly Piece[]): Value[] => {
  const left = [...pieces].sort((a, b) => a.axis - b.axis || a.start - b.start);
  const result: Value[] = [];
  while (left.length > 0) {
    const first = left.shift()!;
    const row = [first];
    for (let next = follower(left, first); next >= 0; next = follower(left, row.at(-1)!)) {
      row.push(...left.splice(next, 1));
    }
    result.push(join(g, of, row));
  }
  return result;
};

const follower = (pieces: readonly Piece[], { axis, end }: Piece): number =>
  pieces.findIndex((piece) => piece.axis === axis && piece.start === end);

/** Neighbours as one value, with zeros around. */
const join = (g: Emitter, of: Value, row: readonly Piece[]): Value => {
  const { axis, start } = row[0]!;
  const { end } = row.at(-1)!;
  const joined =
    row.length === 1
      ? row[0]!.piece
      : g.op(
          'Concat',
          row.map(({ piece }) => piece),
          { axis },
        );
  const length = g.shapeOf(of)?.[axis];
  if (start === 0 && end === length) return joined;
  const rank = g.rankOf(of);
  const at = (count: number): number[] => Array.from({ length: rank }, (_, i) => (i === axis ? count : 0));
  // Pieces are only made of axes of known length.
  return g.op('Pad', [joined, g.integers([...at(start), ...at((length as number) - end)])]);
};
