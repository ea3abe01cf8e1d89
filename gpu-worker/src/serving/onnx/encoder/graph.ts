import { headInputOf, isHeadModule, modulesOf } from '../../../lora/index.ts';
import { inferShapes, type Model, prune, type ValueInfo } from '../../../onnx/index.ts';
import { EngineError } from '../../engine.ts';
import { wideEnds } from '../wideEnds.ts';

/** A model made ready to give its last hidden states. */
export type EncoderGraph = {
  readonly model: Model;
  /** Output `[batch, sequence, width]`. */
  readonly hidden: string;
  /** Names of what it is to be fed. */
  readonly inputs: readonly ValueInfo[];
  /** Names of linear modules that adapters can adapt. */
  readonly targets: readonly string[];
};

/** Names that exporters give the last hidden states where they are an output. */
const hiddenNames = ['last_hidden_state', 'token_embeddings'];
const knownInputs = /^(input_ids|attention_mask|token_type_ids|position_ids|past_key_values\.\d+\.(key|value))$/;

/**
 * Finds the last hidden states, as an output or where a head takes them, and leaves out the head.
 *
 * @throws EngineError when the model has none that can be found, or wants to be fed what is not known here.
 */
export const readEncoderGraph = (given: Model): EncoderGraph => {
  const { graph } = given;
  const output = hiddenNames.find((name) => graph.outputs.some((value) => value.name === name));
  const hidden = output ?? headInputOf(graph);
  if (hidden === undefined) {
    const has = graph.outputs.map(({ name }) => name).join(', ');
    throw new EngineError(
      `No last hidden states were found in the model: no output ${hiddenNames[0]} (it has ${has}) and no known head`,
    );
  }
  const shapes = inferShapes(given);
  const known = [...shapes.graph.outputs, ...shapes.graph.values.values()].find(({ name }) => name === hidden);
  const graphOfHidden = prune(shapes.graph, [known ?? { name: hidden, type: 'float32', shape: undefined }]);
  const { model, outputs } = wideEnds(inferShapes({ ...shapes, graph: graphOfHidden }));
  const { inputs } = model.graph;
  const strange = inputs.find(({ name }) => !knownInputs.test(name));
  if (strange !== undefined) {
    throw new EngineError(
      `The model has an input ${strange.name}; embeddings come from models with input_ids, attention_mask, token_type_ids and position_ids`,
    );
  }
  if (!inputs.some(({ name }) => name === 'input_ids')) {
    throw new EngineError('The last hidden states of the model do not depend on input_ids');
  }
  const targets = modulesOf(model).flatMap(({ name }) => (isHeadModule(name) ? [] : [name]));
  return { model, hidden: outputs.get(hidden)!, inputs, targets };
};
