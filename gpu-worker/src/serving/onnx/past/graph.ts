import { headInputOf, isHeadModule, modulesOf } from '../../../lora/index.ts';
import {
  createBuilder,
  type DataType,
  type Graph,
  inferShapes,
  type Model,
  type Node,
  prune,
  tensors,
  type ValueInfo,
} from '../../../onnx/index.ts';
import { EngineError } from '../../engine.ts';
import { wideEnds } from '../wideEnds.ts';

/** Keys, or values, of one layer. */
export type PastPart = {
  /** Input float32 `[batch, heads, past, head]`. */
  readonly name: string;
  readonly heads: number;
  readonly head: number;
  /** Output with what the run adds: the new tokens' alone, or the past with them at its end. */
  readonly output: string;
};

/** An export of a decoder, made ready to be served. */
export type DecoderGraph = {
  /** With `logits` of the last position `[batch, 1, vocabulary]`, and what each part of the past grows by. */
  readonly model: Model;
  readonly logits: string;
  readonly vocabSize: number;
  /** Empty where the export has no past. */
  readonly past: readonly PastPart[];
  /** Of `input_ids`, `attention_mask` and `position_ids`, those that it has. */
  readonly inputs: ReadonlySet<string>;
  /** Names of linear modules that adapters can adapt: all but the head. */
  readonly targets: readonly string[];
};

const pastName = /^past_key_values\.(\d+)\.(key|value)$/;
const known = new Set(['input_ids', 'attention_mask', 'position_ids']);

/**
 * Reads an export of Optimum or torch.onnx, and leaves out what serving does not need: logits of all positions but the last,
 * and the past that its outputs repeat, which onnxruntime-node would copy at every token.
 *
 * @throws EngineError when the graph is no such export.
 */
export const readDecoderGraph = (given: Model): DecoderGraph => {
  const { graph } = given;
  checkInputs(graph);
  const logits = graph.outputs.find(({ name }) => name === 'logits');
  if (logits === undefined) {
    const has = graph.outputs.map(({ name }) => name).join(', ');
    throw new EngineError(`The model has no output logits (it has ${has}); a decoder's export with its head has one`);
  }
  const cut = lastPosition(inferShapes(given), logits);
  const past = cut.graph.inputs.flatMap((input) => (pastName.test(input.name) ? [partOf(cut.graph, input)] : []));
  const last = cut.graph.outputs.find(({ name }) => name === logits.name)!;
  const outputs = [last, ...past.map(({ output, type }): ValueInfo => ({ name: output, type, shape: undefined }))];
  const { model, outputs: names } = wideEnds(inferShapes({ ...cut, graph: prune(cut.graph, outputs) }));
  const vocabSize = model.graph.outputs[0]?.shape?.at(-1);
  if (typeof vocabSize !== 'number') {
    throw new EngineError('The model does not say how many logits it gives; its output logits has no last dimension');
  }
  return {
    model,
    logits: names.get(logits.name)!,
    vocabSize,
    past: past.map(({ type, output, ...part }) => ({ ...part, output: names.get(output)! })),
    inputs: new Set(model.graph.inputs.flatMap(({ name }) => (known.has(name) ? [name] : []))),
    targets: modulesOf(model).flatMap(({ name }) => (isHeadModule(name) ? [] : [name])),
  };
};

const checkInputs = (graph: Graph): void => {
  const names = graph.inputs.map(({ name }) => name);
  if (!names.includes('input_ids')) {
    throw new EngineError(`The model has no input input_ids (it has ${names.join(', ')}); a language model has one`);
  }
  if (names.includes('use_cache_branch')) {
    throw new EngineError(
      'The model is a merged export, with one graph inside another; export it with optimum-cli export onnx --task text-generation-with-past --no-post-process',
    );
  }
  const strange = names.find((name) => !known.has(name) && !pastName.test(name));
  if (strange !== undefined) {
    throw new EngineError(
      `The model has an input ${strange}; served are exports with input_ids, attention_mask, position_ids and past_key_values.<layer>.key and .value`,
    );
  }
};

/** Only what stands last goes into the head, or where that cannot be, comes out of it. */
const lastPosition = (model: Model, logits: ValueInfo): Model => {
  const { graph } = model;
  const hidden = headInputOf(graph);
  const isCutBefore = hidden !== undefined && graph.values.get(hidden)?.shape?.length === 3;
  const whole = isCutBefore ? hidden : logits.name;
  const g = createBuilder({ opset: model.opsets.get('') ?? 17, from: graph });
  const fresh = g.fresh(`${whole}.${isCutBefore ? 'last' : 'all'}`);
  const [from, to] = isCutBefore ? [whole, fresh] : [fresh, whole];
  const one = (value: number) => g.constant(tensors.int64([1], [value]));
  const inputs = [from, one(-1), one(2 ** 31 - 1), one(1)];
  const slice: Node = { name: to, op: 'Slice', domain: '', inputs, outputs: [to], attributes: new Map() };
  const rename = (names: readonly string[]) => names.map((name) => (name === whole ? fresh : name));
  const readers = isCutBefore ? readersOf(graph, whole, logits.name) : new Set<Node>();
  const nodes = graph.nodes.flatMap((node) => {
    if (!isCutBefore) return [{ ...node, inputs: rename(node.inputs), outputs: rename(node.outputs) }];
    const read = readers.has(node) ? { ...node, inputs: rename(node.inputs) } : node;
    return node.outputs.includes(whole) ? [read, slice] : [read];
  });
  if (!isCutBefore) nodes.push(slice);
  const shape = logits.shape?.length === 3 ? [logits.shape[0], 1, logits.shape[2]] : undefined;
  const outputs = graph.outputs.map((output) => (output.name === logits.name ? { ...output, shape } : output));
  const { initializers } = g.build().graph;
  return inferShapes({
    ...model,
    graph: { ...graph, initializers, nodes, outputs, values: unaffected(nodes, graph, to) },
  });
};

/** The nodes that take the hidden states on their way to the logits. */
const readersOf = (graph: Graph, hidden: string, logits: string): ReadonlySet<Node> => {
  const needed = new Set([logits]);
  const readers = new Set<Node>();
  for (const node of graph.nodes.toReversed()) {
    if (node.outputs.includes(hidden) || !node.outputs.some((output) => needed.has(output))) continue;
    for (const input of node.inputs) needed.add(input);
    if (node.inputs.includes(hidden)) readers.add(node);
  }
  return readers;
};

/** What is known of values that do not come from this one. */
const unaffected = (nodes: readonly Node[], { values }: Graph, changed: string): Graph['values'] => {
  const left = new Map(values);
  const affected = new Set([changed]);
  for (const { inputs, outputs } of nodes) {
    if (!outputs.includes(changed) && !inputs.some((input) => affected.has(input))) continue;
    for (const output of outputs) {
      affected.add(output);
      left.delete(output);
    }
  }
  return left;
};

/** Exporters append what is new to the past with a Concat; what enters it is all that has to come out. */
const partOf = (graph: Graph, { name, type, shape }: ValueInfo): PastPart & { readonly type: DataType } => {
  const [, heads, , head] = shape ?? [];
  if (typeof heads !== 'number' || typeof head !== 'number' || (type !== 'float32' && type !== 'float16')) {
    const is = `${type}[${shape?.join(', ')}]`;
    throw new EngineError(`The model's ${name} is ${is}; float32 or float16 [batch, heads, past, head] was expected`);
  }
  const present = name.replace('past_key_values', 'present');
  if (!graph.outputs.some((output) => output.name === present)) {
    throw new EngineError(`The model has an input ${name}, but no output ${present}`);
  }
  const maker = graph.nodes.find(({ outputs }) => outputs.includes(present));
  const [past, fresh] = maker?.inputs ?? [];
  const isAppended = maker?.op === 'Concat' && maker.inputs.length === 2 && past === name && fresh !== undefined;
  return { name, heads, head, output: isAppended ? fresh : present, type };
};
