import { createFeeds, lengthsOf, openSession, type Rows, rowCount } from '../../factory/index.ts';
import { headInputOf } from '../../lora/index.ts';
import { addOutputs, type Model, prune, specialise } from '../../onnx/index.ts';
import { MethodError } from './errors.ts';
import { tokensOf } from './samples.ts';

export type EmbedOptions = { readonly batch: number; readonly threads: number };

/**
 * Of each row the mean, over its tokens, of what the base's last layer gives its head.
 *
 * @throws MethodError for a model whose head cannot be told from its other modules.
 */
export const embedRows = async (base: Model, rows: Rows, { batch, threads }: EmbedOptions): Promise<Float64Array[]> => {
  const hidden = headInputOf(base.graph);
  if (hidden === undefined)
    throw new MethodError('The model has no head by a name that is known: its states are not found');
  const output = { name: hidden, type: 'float32', shape: undefined } as const;
  const pruned = { ...base, graph: prune(addOutputs(base.graph, [output]), [hidden]) };
  const graph = specialise(pruned, lengthsOf(base, { batch, sequence: rows.sequence }));
  const session = await openSession(graph, { threads });
  try {
    const feeds = createFeeds(graph, [], { batch, sequence: rows.sequence });
    const found: Float64Array[] = [];
    for (let first = 0; first < rowCount(rows); first += batch) {
      const indices = Array.from({ length: Math.min(batch, rowCount(rows) - first) }, (_, at) => first + at);
      feeds.fill(rows, indices);
      const states = (await session.run(feeds.tensors, [hidden]))[hidden]!;
      const width = states.dims.at(-1)!;
      const values = states.data as Float32Array;
      found.push(
        ...indices.map((index, at) =>
          meanOf(values.subarray(at * rows.sequence * width), width, tokensOf(rows, index).length),
        ),
      );
    }
    return found;
  } finally {
    await session.release();
  }
};

const meanOf = (states: Float32Array, width: number, count: number): Float64Array => {
  const mean = new Float64Array(width);
  for (let at = 0; at < count * width; at++) mean[at % width]! += states[at]! / count;
  return mean;
};
