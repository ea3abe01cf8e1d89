import { createHash } from 'node:crypto';
import { InfluenceError } from './errors.ts';

/** An adapted module, as a bank of adapters has it. */
export type ProjectedModule = {
  readonly module: string;
  readonly in: number;
  readonly out: number;
  readonly rank: number;
  /** What the module's B is multiplied with when it is applied: α / rank, or α / √rank. */
  readonly scale: number;
};

/**
 * One gradient matrix G [rows, columns] on its way to its part of φ: `factor` · leftᵀ · G · right, row by row. What is missing is
 * the identity: a side that is no longer than it may be stays as it is.
 */
export type ProjectionPart = {
  readonly module: string;
  readonly matrix: 'A' | 'B';
  readonly rows: number;
  readonly columns: number;
  readonly left?: SideProjection;
  readonly right?: SideProjection;
  readonly factor: number;
  /** Numbers of φ that it takes. */
  readonly size: number;
};

/** [length, width], each ±1/√width. */
export type SideProjection = { readonly length: number; readonly width: number; readonly values: Float32Array };

export type Projection = {
  /** Numbers of φ; no more than were allowed. */
  readonly size: number;
  readonly parts: readonly ProjectionPart[];
};

export type ProjectionOptions = {
  /** The most numbers that φ may have, up to 2,048. */
  readonly dimensions: number;
  /** The same seed gives the same projection, on every machine. */
  readonly seed: string;
};

const mostDimensions = 2048;

/**
 * A random projection of the gradients of an adapter that keeps inner products in expectation: of each module, the gradient of
 * A [in, rank] and of B [rank, out] (as banks hold them) between two matrices of signs, as LoGra does
 * (arXiv:2405.13954, P_in x ⊗ P_out δ). Gradients are those with respect to A and B as peft stores them, so B's is
 * multiplied with the module's scale. Each matrix gets an equal part of the dimensions; its rank side gets up to the
 * square root of that, more where the other side is short. φ holds the parts by module name, A before B.
 *
 * @throws InfluenceError when there are fewer dimensions than matrices.
 */
export const planProjection = (
  modules: readonly ProjectedModule[],
  { dimensions, seed }: ProjectionOptions,
): Projection => {
  if (!Number.isSafeInteger(dimensions) || dimensions < 1 || dimensions > mostDimensions) {
    throw new InfluenceError(`A projection has 1 to ${mostDimensions} dimensions, not ${dimensions}`);
  }
  const room = Math.floor(dimensions / (2 * modules.length));
  if (room < 1) {
    throw new InfluenceError(
      `${2 * modules.length} gradient matrices need as many dimensions at least; ${dimensions} were given`,
    );
  }
  const parts = modules
    .toSorted((left, right) => (left.module < right.module ? -1 : 1))
    .flatMap((module): ProjectionPart[] => {
      const { rank, scale, module: name } = module;
      const [ofInputs, ofRankA] = widths(module.in, rank, room);
      const [ofOutputs, ofRankB] = widths(module.out, rank, room);
      const side = (matrix: string, which: string, length: number, width: number) =>
        width < length
          ? { length, width, values: signs(`${seed}\n${name}\n${matrix}\n${which}`, length, width) }
          : undefined;
      const part = (matrix: 'A' | 'B', lengths: [number, number], wide: [number, number]): ProjectionPart => {
        const left = side(matrix, 'left', lengths[0], wide[0]);
        const right = side(matrix, 'right', lengths[1], wide[1]);
        return {
          module: name,
          matrix,
          rows: lengths[0],
          columns: lengths[1],
          ...(left && { left }),
          ...(right && { right }),
          factor: matrix === 'A' ? 1 : scale,
          size: wide[0] * wide[1],
        };
      };
      return [part('A', [module.in, rank], [ofInputs, ofRankA]), part('B', [rank, module.out], [ofRankB, ofOutputs])];
    });
  return { size: parts.reduce((sum, { size }) => sum + size, 0), parts };
};

/** How long each side may be after projection, their product within the room. */
const widths = (length: number, rank: number, room: number): [length: number, rank: number] => {
  const balanced = Math.min(rank, Math.max(1, Math.floor(Math.sqrt(room))));
  const long = Math.min(length, Math.floor(room / balanced));
  return [long, Math.min(rank, Math.floor(room / long))];
};

/** Bits of SHAKE256 over the seed, lowest first, as signs: 1 is plus. */
const signs = (seed: string, length: number, width: number): Float32Array => {
  const count = length * width;
  const bits = createHash('shake256', { outputLength: Math.ceil(count / 8) })
    .update(seed)
    .digest();
  const size = Math.fround(1 / Math.sqrt(width));
  return Float32Array.from({ length: count }, (_, at) => ((bits[at >> 3]! >> (at & 7)) & 1 ? size : -size));
};

/** One part of φ, computed plainly: what the graph of `projectedGradients` is compared with. */
export const projectPart = (part: ProjectionPart, gradient: ArrayLike<number>): Float64Array => {
  const { rows, columns, left, right, factor } = part;
  if (gradient.length !== rows * columns) {
    throw new InfluenceError(`The gradient of ${part.module} has ${gradient.length} numbers, not ${rows}·${columns}`);
  }
  const [height, width] = [left?.width ?? rows, right?.width ?? columns];
  const half = new Float64Array(height * columns);
  for (let row = 0; row < rows; row++) {
    for (let line = 0; line < height; line++) {
      const by = left ? left.values[row * height + line]! : Number(row === line);
      if (by === 0) continue;
      for (let column = 0; column < columns; column++) {
        half[line * columns + column]! += by * gradient[row * columns + column]!;
      }
    }
  }
  const projected = new Float64Array(height * width);
  for (let line = 0; line < height; line++) {
    for (let column = 0; column < columns; column++) {
      const value = half[line * columns + column]! * factor;
      if (right === undefined) projected[line * width + column] = value;
      else
        for (let to = 0; to < width; to++) projected[line * width + to]! += value * right.values[column * width + to]!;
    }
  }
  return projected;
};
