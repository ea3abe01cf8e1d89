import type { InferenceSession } from 'onnxruntime-node';
import type { Model } from '../../../onnx/index.ts';
import { EngineError } from '../../engine.ts';
import type { Decoder } from '../decoder.ts';
import { graftRows } from './adapters.ts';
import { type DecoderGraph, readDecoderGraph } from './graph.ts';
import { keepPast } from './keptPast.ts';
import { rereadTexts } from './rereadTexts.ts';
import type { TextsOptions } from './texts.ts';

export type PastDecoderOptions = {
  readonly model: Model;
  /** Tokens of a text at most: `max_position_embeddings` of the model. */
  readonly capacity: number;
  readonly rows: number;
  /** Highest rank of an adapter. */
  readonly rank: number;
  readonly open: (model: Model) => Promise<InferenceSession>;
  /** Told what an operator should know of the export. */
  readonly log?: (line: string) => void;
};

/**
 * A decoder over an export as Optimum or torch.onnx writes it. An export with `past_key_values` and `position_ids` goes on
 * from keys and values that are kept for each row; of any other the whole text is run again at each step, which is right but
 * slow, and said in the log.
 *
 * @throws EngineError when the model is no such export, or onnxruntime does not take it.
 */
export const openPastDecoder = async (options: PastDecoderOptions): Promise<Decoder> => {
  const { rows, rank, capacity, log = () => {} } = options;
  const { model, targets, ...graph } = readDecoderGraph(options.model);
  const grafted = graftRows(model, { targets, rank, rows });
  const { adapters } = grafted;
  const session = await options.open(grafted.model);

  const compute: TextsOptions['compute'] = async (own, room, feeds) => {
    const results = await session.run({ ...feeds, ...adapters.feeds(own, room) });
    const floats = (name: string) => results[name]!.data as Float32Array;
    return { logits: floats(graph.logits), floats };
  };
  const missing = missingOf(graph);
  if (missing !== undefined) {
    const advice = 'export it with optimum-cli export onnx --task text-generation-with-past';
    log(`The model has no ${missing}: every token runs its whole text again, which is slow; ${advice}`);
  }
  const texts = (missing === undefined ? keepPast : rereadTexts)({ graph, rows, capacity, compute });
  const logits = new Float32Array(rows * graph.vocabSize);
  return {
    rows,
    capacity,
    vocabSize: graph.vocabSize,
    layout: adapters.layout,
    begin: (row, adapter) => {
      adapters.write(row, adapter);
      texts.begin(row);
    },
    run: async (extensions) => {
      for (const { row, tokens } of extensions) {
        const length = texts.lengthOf(row) + tokens.length;
        if (length > capacity)
          throw new EngineError(`Row ${row} would have ${length} tokens; ${capacity} are its most`);
      }
      for (const [index, own] of (await texts.run(extensions)).entries()) logits.set(own, index * graph.vocabSize);
      return logits.subarray(0, extensions.length * graph.vocabSize);
    },
    truncate: texts.truncate,
    copy: (from, to) => {
      adapters.copy(from, to);
      texts.copy(from, to);
    },
    lengthOf: texts.lengthOf,
    close: () => session.release(),
  };
};

/** What an export needs for a past that is padded: without positions of its own, it counts the padding as well. */
const missingOf = ({ past, inputs }: Pick<DecoderGraph, 'past' | 'inputs'>): string | undefined =>
  past.length === 0 ? 'past_key_values' : ['position_ids', 'attention_mask'].find((name) => !inputs.has(name));
