import { isHeadModule, modulesOf } from '../../../lora/index.ts';
import { type DataType, type Graph, inferShapes, type Model, prune, type ValueInfo } from '../../../onnx/index.ts';
import { EngineError } from '../../engine.ts';
import { wideEnds } from '../wideEnds.ts';
import { lastPosition } from './lastPosition.ts';

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
