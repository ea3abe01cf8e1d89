import type { Model } from '../onnx/index.ts';

/**
 * The names that a graph has for the lengths of a batch, with their numbers: those of `input_ids`' dimensions, whatever the
 * exporter called them (`batch`, `batch_size`), and of pasts, which a training has none of.
 *
 * @example lengthsOf(model, { batch: 8, sequence: 256 }) // { batch_size: 8, sequence_length: 256, past_sequence_length: 0 }
 */
export const lengthsOf = (
  { graph }: Model,
  { batch, sequence }: { batch: number; sequence: number },
): Record<string, number> => {
  const lengths: Record<string, number> = {};
  const bind = (input: string, ...numbers: readonly (number | undefined)[]): void => {
    const shape = graph.inputs.find(({ name }) => name === input)?.shape ?? [];
    for (const [axis, number] of numbers.entries()) {
      const dim = shape[axis];
      if (typeof dim === 'string' && number !== undefined) lengths[dim] ??= number;
    }
  };
  bind('input_ids', batch, sequence);
  for (const { name } of graph.inputs) {
    if (name.startsWith('past_key_values.')) bind(name, batch, undefined, 0);
  }
  return lengths;
};
