import { createBuilder, type Model, tensors, type Value } from '../onnx/index.ts';
import { type DecoderConfig, headSize } from './config.ts';
import { decode, frequencies, joinHeads, rotate, splitHeads, whole } from './decoder.ts';
import { checkWeights, type Weights } from './weights.ts';

/**
 * The decoder for training: `input_ids` int64 `[batch, sequence]` in, `logits` `[batch, sequence, vocabulary]` out. Each
 * position sees itself and those before it. Nothing depends on padding or on a cache: angles and mask are tables, of
 * which a graph for one length of rows keeps what it needs.
 *
 * @throws BaseError when the weights are not those of this configuration.
 */
export const trainingModel = (config: DecoderConfig, weights: Weights): Model => {
  checkWeights(config, weights);
  const g = createBuilder({ opset: 17, name: 'decoder' });
  const ids = g.input('input_ids', 'int64', ['batch', 'sequence']);
  const sequence = g.op('Slice', [g.op('Shape', [ids]), whole(g, 1), whole(g, 2)]);
  const firstRows = (table: Value): Value => g.op('Slice', [table, whole(g, 0), sequence, whole(g, 0)]);
  // Scores are scaled by turning queries with shorter arrows: that costs nothing, scaling the scores a pass over them.
  const scale = headSize(config) ** -0.5;
  const [keyCos, keySin] = [Math.cos, Math.sin].map((turn) =>
    firstRows(g.initializer(turn.name, angles(config, turn))),
  );
  const [queryCos, querySin] = [Math.cos, Math.sin].map((turn) =>
    firstRows(
      g.initializer(
        `scaled_${turn.name}`,
        angles(config, (angle) => scale * turn(angle)),
      ),
    ),
  );
  const mask = g.op('Slice', [firstRows(g.initializer('future', future(config))), whole(g, 0), sequence, whole(g, 1)]);
  const logits = decode(g, config, {
    ids,
    weight: (name) => g.initializer(name, weights.get(name)!),
    attend: (_, { query, key, value }) => {
      const queries = rotate(g, config, splitHeads(g, config, query), queryCos!, querySin!);
      const keys = rotate(g, config, splitHeads(g, config, key), keyCos!, keySin!);
      const scores = g.op('MatMul', [queries, g.op('Transpose', [keys], { attributes: { perm: [0, 1, 3, 2] } })]);
      const chances = g.op('Softmax', [g.op('Add', [scores, mask])], { attributes: { axis: -1 } });
      return joinHeads(g, config, g.op('MatMul', [chances, splitHeads(g, config, value)]));
    },
  });
  g.output('logits', logits, 'float32', ['batch', 'sequence', config.vocab_size]);
  return g.build();
};

/** `[positions, head]`, both halves of a head alike. */
const angles = (config: DecoderConfig, turn: (angle: number) => number) => {
  const [positions, size, pairs] = [config.max_position_embeddings, headSize(config), frequencies(config)];
  return tensors.float32(
    [positions, size],
    Float32Array.from({ length: positions * size }, (_, at) =>
      turn(Math.floor(at / size) * pairs[(at % size) % pairs.length]!),
    ),
  );
};

/** `[positions, positions]`: what is added to a score so that later positions count for nothing. */
const future = ({ max_position_embeddings: positions }: DecoderConfig) =>
  tensors.float32(
    [positions, positions],
    Float32Array.from({ length: positions ** 2 }, (_, at) => (at % positions > Math.floor(at / positions) ? -1e9 : 0)),
  );
