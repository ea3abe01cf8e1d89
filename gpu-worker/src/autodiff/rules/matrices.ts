import type { Value } from '../../onnx/index.ts';
import type { Context, Rule } from '../rule.ts';

// Products. Weights are matrices, whatever the rank of what they are multiplied with: their gradient is one product of
// two matrices rather than a sum of many.

const matmul: Rule = (c) => {
  const [a, b] = [c.x[0]!, c.x[1]!];
  return c.g.rankOf(b) === 2 && c.g.rankOf(a) >= 2 ? byMatrix(c, a, b) : batched(c, a, b);
};

/** `[…, K] × [K, N]` */
const byMatrix = (c: Context, a: Value, b: Value): ReturnType<Rule> => {
  const { g } = c;
  const rank = g.rankOf(a);
  const [inner, outer] = g.shapeOf(b)!.map((dim) => (typeof dim === 'number' ? dim : undefined));
  const rows = (value: Value, length: number | undefined, like: Value): Value => g.flat(value, rank, length, like);
  return [
    () => {
      const product = g.gemm(rows(c.dy, outer, c.y), b, { transB: true });
      return rank === 2 ? product : g.reshapeLike(product, a);
    },
    () => g.gemm(rows(a, inner, a), rows(c.dy, outer, c.y), { transA: true }),
  ];
};

/** `[…, M, K] × […, K, N]`; a vector is a matrix of one row or one column. */
const batched = (c: Context, a: Value, b: Value): ReturnType<Rule> => {
  const { g } = c;
  const [rankA, rankB] = [g.rankOf(a), g.rankOf(b)];
  const unsqueeze = (value: Value, axis: number): Value => g.op('Unsqueeze', [value, g.integers([axis])]);
  if (rankA === 1 || rankB === 1) {
    const left = rankA === 1 ? unsqueeze(a, 0) : a;
    const right = rankB === 1 ? unsqueeze(b, 1) : b;
    const column = rankB === 1 ? unsqueeze(c.dy, -1) : c.dy;
    const dy = rankA === 1 ? unsqueeze(column, -2) : column;
    const [m, n] = [Math.max(rankA, 2), Math.max(rankB, 2)];
    // One of the two has no batch axes: the sum over the other's leaves its own shape, but for the axis of 1.
    const summed = (value: Value, own: number, other: number, like: Value): Value =>
      g.reshapeLike(
        g.sum(
          value,
          Array.from({ length: Math.max(other - own, 0) }, (_, i) => i),
          0,
        ),
        like,
      );
    return [
      () => summed(g.matmul(dy, g.turn(right, n)), m, n, a),
      () => summed(g.matmul(g.turn(left, m), dy), n, m, b),
    ];
  }
  return [
    () => {
      const product = g.matmul(c.dy, g.turn(b, rankB));
      const whole = overBatch(c, product, a);
      // Σₖ Aₘₖ dAₘₖ = Σₙ Yₘₙ dYₘₙ, and in attention Y is the smaller one by far. Source: Dao et al., FlashAttention, 2022.
      const rowDot = (): Value => g.sum(g.mul(c.y, c.dy), [-1], 1);
      return whole === product ? { whole, rowDot } : whole;
    },
    () => overBatch(c, g.matmul(g.turn(a, rankA), c.dy), b),
  ];
};

/** Sums over the batch axes along which an operand was broadcast. */
const overBatch = ({ g, y }: Context, product: Value, operand: Value): Value =>
  g.sumTo(product, [...g.shapeOf(y)!.slice(0, -2), ...g.shapeOf(operand)!.slice(-2)], operand);

/** `α·op(A)·op(B) + β·C` */
const gemm: Rule = (c) => {
  const { g, node } = c;
  const [a, b] = [c.x[0]!, c.x[1]!];
  const [transA, transB] = [node.int('transA', 0) === 1, node.int('transB', 0) === 1];
  const [alpha, beta] = [node.float('alpha', 1), node.float('beta', 1)];
  const scaled = alpha === 1 ? {} : { alpha: { kind: 'float', value: alpha } as const };
  return [
    () =>
      transA
        ? g.gemm(b, c.dy, { transA: transB, transB: true, ...scaled })
        : g.gemm(c.dy, b, { transB: !transB, ...scaled }),
    () =>
      transB
        ? g.gemm(c.dy, a, { transA: true, transB: transA, ...scaled })
        : g.gemm(a, c.dy, { transA: !transA, ...scaled }),
    () => g.sumTo(beta === 1 ? c.dy : g.mul(c.dy, c.scalar(beta)), g.shapeOf(c.y), c.x[2]!),
  ];
};

export const matrices: Readonly<Record<string, Rule>> = { Gemm: gemm, MatMul: matmul };
