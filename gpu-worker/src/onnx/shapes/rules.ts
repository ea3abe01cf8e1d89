import { constantOf } from '../constants.ts';
import { findType } from '../dataTypes.ts';
import type { Dim } from '../model.ts';
import { broadcast, type Known } from './known.ts';
import { movements } from './movements.ts';
import { fromStart } from './reader.ts';
import { type ShapeRule, shaped, unknownDims } from './rule.ts';

const same: ShapeRule = (node) => shaped(node, node.input(0)?.shape);
const elementwise: ShapeRule = (node) => shaped(node, broadcast(node.node.inputs.map((_, i) => node.input(i)?.shape)));
const truth: ShapeRule = (node) => [
  { type: 'bool', shape: broadcast(node.node.inputs.map((_, i) => node.input(i)?.shape)) },
];

const reduce: ShapeRule = (node) => {
  const shape = node.input(0)?.shape;
  const list = node.list('axes', 1);
  if (shape === undefined) return shaped(node, undefined);
  const keep = node.int('keepdims', 1) === 1;
  if (list === 'unknown') return shaped(node, keep ? unknownDims(shape.length) : undefined);
  const isAll = list === 'absent' || list.length === 0;
  if (isAll && node.int('noop_with_empty_axes', 0) === 1) return shaped(node, shape);
  const axes = new Set(isAll ? shape.keys() : list.map((axis) => fromStart(axis, shape.length)));
  return shaped(node, keep ? shape.map((dim, i) => (axes.has(i) ? 1 : dim)) : shape.filter((_, i) => !axes.has(i)));
};

const argument: ShapeRule = (node) => {
  const shape = node.input(0)?.shape;
  const axis = fromStart(node.int('axis', 0), shape?.length ?? 0);
  const keep = node.int('keepdims', 1) === 1;
  return [{ type: 'int64', shape: shape?.flatMap((dim, i) => (i !== axis ? [dim] : keep ? [1] : [])) }];
};

const matmul: ShapeRule = (node) => {
  const [a, b] = [node.input(0)?.shape, node.input(1)?.shape];
  if (a === undefined || b === undefined || a.length === 0 || b.length === 0) return shaped(node, undefined);
  const batch = broadcast([a.slice(0, -2), b.slice(0, -2)]);
  return shaped(node, batch && [...batch, ...(a.length > 1 ? [a.at(-2)] : []), ...(b.length > 1 ? [b.at(-1)] : [])]);
};

const gemm: ShapeRule = (node) => {
  const side = (index: number, isTurned: boolean): Dim => node.input(index)?.shape?.[isTurned ? 1 : 0];
  return shaped(node, [side(0, node.int('transA', 0) === 1), side(1, node.int('transB', 0) !== 1)]);
};

/** Mean and inverse deviation keep the normalised axes as ones. */
const normalised: ShapeRule = (node) => {
  const known = node.input(0);
  if (known === undefined) return [];
  const axis = fromStart(node.int('axis', -1), known.shape?.length ?? 0);
  const statistic: Known = { type: 'float32', shape: known.shape?.map((dim, i) => (i < axis ? dim : 1)) };
  return [{ type: known.type, shape: known.shape }, statistic, statistic];
};

const cast: ShapeRule = (node) => {
  const type = findType(node.int('to', 0));
  return [type && { type, shape: node.input(0)?.shape }];
};

const names = (list: string, rule: ShapeRule): Record<string, ShapeRule> =>
  Object.fromEntries(list.split(' ').map((op) => [op, rule]));

/** The table: an operator's name to its rule. Of an operator that is not here nothing is known, which is no error. */
export const shapeRules: Readonly<Record<string, ShapeRule>> = {
  ...names('Abs Acos Asin Atan Ceil Celu Clip Cos CumSum Elu Erf Exp Floor Gelu HardSigmoid HardSwish Identity', same),
  ...names('LeakyRelu Log LogSoftmax Mish Neg Reciprocal Relu Round ScatterElements ScatterND Selu Sigmoid Sign', same),
  ...names(
    'FastGelu QuickGelu RotaryEmbedding Sin Softmax Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu Trilu',
    same,
  ),
  ...names('Add BitwiseAnd Div Max Mean Min Mod Mul PRelu Pow Sub Sum', elementwise),
  ...names('And Equal Greater GreaterOrEqual Less LessOrEqual Or Xor', truth),
  ...names('IsInf IsNaN Not', (node) => [{ type: 'bool', shape: node.input(0)?.shape }]),
  ...names('ReduceL1 ReduceL2 ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum', reduce),
  ...movements,
  ReduceSumSquare: reduce,
  ArgMax: argument,
  ArgMin: argument,
  Cast: cast,
  CastLike: (node) => {
    const type = node.input(1)?.type;
    return [type && { type, shape: node.input(0)?.shape }];
  },
  Constant: (node) => {
    const value = constantOf(node.node);
    return [value && { type: value.type, shape: value.dims }];
  },
  Dropout: (node) => [...same(node), { type: 'bool', shape: node.input(0)?.shape }],
  Gemm: gemm,
  LayerNormalization: normalised,
  MatMul: matmul,
  NonZero: (node) => [{ type: 'int64', shape: [node.input(0)?.shape?.length, undefined] }],
  RMSNormalization: same,
  Range: (node) => shaped(node, [undefined]),
  SimplifiedLayerNormalization: (node) => normalised(node).slice(0, 2),
  Size: () => [{ type: 'int64', shape: [] }],
  Where: (node) => shaped(node, broadcast([0, 1, 2].map((i) => node.input(i)?.shape)), 1),
};
