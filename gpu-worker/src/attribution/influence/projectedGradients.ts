import { type Adapter, modulesOf, placesOf, type SampleGradients, sampleGradients } from '../../lora/index.ts';
import { createBuilder, type Model, prune, tensors, type Value } from '../../onnx/index.ts';
import { InfluenceError } from './errors.ts';
import { type Projection, type ProjectionOptions, type ProjectionPart, planProjection } from './projection.ts';

export type ProjectedGradients = Omit<SampleGradients, 'model'> & {
  /** The model with two outputs only: {@link projected} [batch, projection.size], and the rows' losses. */
  readonly model: Model;
  readonly projection: Projection;
};

/** The output that holds φ: of each row of the batch, the projected gradient of its own loss. */
export const projected = 'projected_gradients';

/**
 * Gradients of each row's loss with respect to an adapter, projected inside the graph: of gradients of megabytes, only φ leaves
 * the runtime. Feed the adapter as a bank of `modules` has it, and `slot`.
 *
 * @param base a model with a loss, as `withLoss` makes it.
 * @param options `loss`: the sum of the rows' losses; `rows`: the losses [batch].
 * @example
 * const step = projectedGradients(withLoss(base, { logits: 'logits' }), {
 *   loss: lossNames.loss, rows: lossNames.rows, adapter, dimensions: 512, seed: 'store 1',
 * });
 * const bank = packBank(step, [adapter]);
 * @throws InfluenceError as `planProjection`, and for an adapter of nothing; LoraError and AutodiffError as `sampleGradients`.
 */
export const projectedGradients = (
  base: Model,
  options: ProjectionOptions & {
    readonly adapter: Adapter;
    readonly loss: Value;
    readonly rows: Value;
    readonly given?: Readonly<Record<Value, Value>>;
  },
): ProjectedGradients => {
  const { adapter, loss, rows, given } = options;
  if (adapter.modules.size === 0) throw new InfluenceError('The adapter adapts nothing: it has no gradients');
  const rank = Math.max(...[...adapter.modules.values()].map((module) => module.rank));
  const known = new Map(modulesOf(base).map((module) => [module.name, { ...module, rank }]));
  const places = placesOf(known, adapter);
  const { model, slot, modules } = sampleGradients(base, {
    loss,
    targets: [...places.keys()],
    rank,
    ...(given && { given }),
  });
  const projection = planProjection(
    modules.map((module) => ({ ...module, scale: places.get(module.module)!.scale })),
    options,
  );

  const gradients = new Map(
    modules.flatMap(({ module, gradientA, gradientB }) => [
      [`${module} A`, gradientA],
      [`${module} B`, gradientB],
    ]),
  );
  const { graph, opsets, irVersion } = model;
  const g = createBuilder({ opset: opsets.get('') ?? 0, irVersion, name: graph.name, from: graph });
  const flat = projection.parts.map((part) => {
    const value = between(part, gradients.get(`${part.module} ${part.matrix}`)!);
    return g.op('Reshape', [value, g.constant(tensors.int64([2], [0, part.size]))]);
  });
  g.op('Concat', flat, { attributes: { axis: 1 }, outputs: [projected] });
  g.output(projected, projected, 'float32', [undefined, projection.size]);
  return { model: { ...model, graph: prune(g.build().graph, [projected, rows]) }, slot, modules, projection };

  function between({ left, right, factor }: ProjectionPart, gradient: Value): Value {
    let value = gradient;
    if (left) value = g.op('MatMul', [g.constant(tensors.float32([left.width, left.length], turned(left))), value]);
    if (right) value = g.op('MatMul', [value, g.constant(tensors.float32([right.length, right.width], right.values))]);
    return factor === 1 ? value : g.op('Mul', [value, g.constant(tensors.scalar(factor))]);
  }
};

const turned = ({ length, width, values }: { length: number; width: number; values: Float32Array }): Float32Array =>
  values.map((_, at) => values[(at % length) * width + Math.floor(at / length)]!);
