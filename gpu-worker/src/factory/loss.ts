import { type Builder, createBuilder, type Model, tensors, type Value } from '../onnx/index.ts';
import { FactoryError } from './errors.ts';
import { ignored } from './rows.ts';

/** What the graph of {@link withLoss} has beside the model's own values, by the names of its values. */
export const lossNames = { labels: 'labels', loss: 'loss', rows: 'row_losses' } as const;

/** The gradient of the loss with respect to the logits, which the loss graph computes itself. */
export const logitsGradient = (logits: string): string => `${logits}_gradient`;

/**
 * A causal model with its loss: an input `labels` int64 `[batch, sequence]` and outputs `loss`, the sum of the token
 * losses in nats, and `row_losses` `[batch]`. As Hugging Face has it, labels are the input ids and the graph compares
 * the logits of position t with the label of t + 1; −100 is not counted.
 *
 * `${logits}_gradient` is a value of the graph as well: softmax minus one at the label, times 0 or 1. It is the gradient that
 * reverse mode starts from: one tensor of vocabulary size, where rules for LogSoftmax and Gather would need four.
 *
 * @throws FactoryError when the model has no float32 output of that name.
 */
export const withLoss = (model: Model, { logits }: { logits: string }): Model => {
  const output = model.graph.outputs.find(({ name }) => name === logits);
  if (output?.type !== 'float32') {
    const names = model.graph.outputs.map(({ name, type }) => `${name} (${type})`).join(', ');
    throw new FactoryError(`The loss needs float32 logits: ${logits} is not among the outputs, which are ${names}`);
  }
  const opset = model.opsets.get('') ?? 0;
  const g = createBuilder({ opset, name: model.graph.name, irVersion: model.irVersion, from: model.graph });
  const labels = g.input(lossNames.labels, 'int64', [output.shape?.[0] ?? 'batch', output.shape?.[1] ?? 'sequence']);
  const { target, counted, weight } = targets(g, labels);

  const chances = g.op('Softmax', [logits], { attributes: { axis: -1 } });
  const highest = largest(g, chances, opset);
  // log Σ exp(z) is z − log softmax(z) at every position; at the largest one the logarithm is always that of 1/vocabulary or more.
  const partition = g.op('Sub', [largest(g, logits, opset), g.op('Log', [highest])]);
  const surprise = g.op('Sub', [partition, gather(g, logits, target)]);
  const losses = g.op('Where', [counted, surprise, g.constant(tensors.scalar(0))]);
  const perRow = g.op('ReduceSum', [losses, axes(g, 1, 2)], { attributes: { keepdims: 0 }, outputs: [lossNames.rows] });
  g.op('ReduceSum', [perRow], { attributes: { keepdims: 0 }, outputs: [lossNames.loss] });

  // One is written as a quotient so that everything else that reads the chances runs before they are overwritten in place.
  const one = g.op('Div', [highest, highest]);
  const atTarget = g.op('Sub', [gather(g, chances, target), one]);
  const slopes = g.op('ScatterElements', [chances, target, atTarget], { attributes: { axis: -1 } });
  g.op('Mul', [slopes, weight], { outputs: [logitsGradient(logits)] });

  g.output(lossNames.loss, lossNames.loss, 'float32', []);
  g.output(lossNames.rows, lossNames.rows, 'float32', [output.shape?.[0]]);
  return { ...model, graph: { ...g.build().graph } };
};

/** For each position `[batch, sequence, 1]`: the id that comes next, whether it counts, and that as 0 or 1. */
const targets = (g: Builder, labels: Value): Record<'target' | 'counted' | 'weight', Value> => {
  const int = (...values: number[]): Value => g.constant(tensors.int64([values.length], values));
  const later = g.op('Slice', [labels, int(1), int(2 ** 31), int(1)]);
  // Nothing is known to come after the last position: its label is −100, whatever the batch is.
  const nothing = g.op('Mul', [g.op('Slice', [labels, int(0), int(1), int(1)]), int(0)]);
  const last = g.op('Add', [nothing, int(ignored)]);
  const next = g.op('Unsqueeze', [g.op('Concat', [later, last], { attributes: { axis: 1 } }), int(2)]);
  const counted = g.op('Not', [g.op('Equal', [next, int(ignored)])]);
  return {
    target: g.op('Where', [counted, next, int(0)]),
    counted,
    weight: g.op('Cast', [counted], { attributes: { to: 1 } }),
  };
};

const gather = (g: Builder, from: Value, target: Value): Value =>
  g.op('GatherElements', [from, target], { attributes: { axis: -1 } });

/** Over the last axis, which stays with length 1. Its axes became an input with opset 18. */
const largest = (g: Builder, value: Value, opset: number): Value =>
  opset < 18 ? g.op('ReduceMax', [value], { attributes: { axes: [-1] } }) : g.op('ReduceMax', [value, axes(g, -1)], {});

const axes = (g: Builder, ...values: number[]): Value => g.constant(tensors.int64([values.length], values));
