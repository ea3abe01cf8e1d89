import { InferenceSession, Tensor } from 'onnxruntime-node';
import { type DataType, type Model, writeModel } from '../../src/onnx/index.ts';

/** Numbers with a shape, as tests feed and read them. */
export type Numbers = { type: DataType; dims: readonly number[]; values: readonly number[] };

const toTensor = ({ type, dims, values }: Numbers): Tensor => {
  if (type === 'int64') return new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
  if (type === 'int32') return new Tensor('int32', Int32Array.from(values), dims);
  if (type === 'bool') return new Tensor('bool', Uint8Array.from(values), dims);
  if (type === 'float64') return new Tensor('float64', Float64Array.from(values), dims);
  return new Tensor('float32', Float32Array.from(values), dims);
};

export type Runner = (feeds: Readonly<Record<string, Numbers>>) => Promise<Record<string, Numbers>>;

/** A session on one thread that stays silent. */
export const createRunner = async (model: Model): Promise<Runner> => {
  // onnxruntime 1.30 fuses x σ(x) of float64 to an operator that it has for float32 only, and then finds no kernel.
  const isDouble = model.graph.inputs.some(({ type }) => type === 'float64');
  const session = await InferenceSession.create(writeModel(model), {
    graphOptimizationLevel: isDouble ? 'basic' : 'all',
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  return async (feeds) => {
    const tensors = Object.fromEntries(Object.entries(feeds).map(([name, numbers]) => [name, toTensor(numbers)]));
    const results = await session.run(tensors);
    return Object.fromEntries(
      Object.entries(results).map(([name, { type, dims, data }]) => [
        name,
        { type: type as DataType, dims, values: Array.from(data as ArrayLike<number>, Number) },
      ]),
    );
  };
};
