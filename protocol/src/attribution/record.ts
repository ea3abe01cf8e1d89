import { z } from 'zod';
import { bytes32, natural, version } from '../fields.ts';

/**
 * What an adapter version's attribution is computed from: named by its hash in the training record, whose own hash is on chain
 * (`ModelVersionPublished.manifestHash`). With the contents that it names, anybody can score an answer.
 */
export const attributionRecordSchema = z.strictObject({
  schema: z.literal('openledger.attribution/1'),
  base: z.string().min(1).max(200),
  /** keccak256 over the base's files, of the adapter as on chain, of the tokenizer's file, and of the runtime's name and version. */
  modelHash: bytes32,
  adapterHash: bytes32,
  tokenizerHash: bytes32,
  runtimeHash: bytes32,
  /** Trained on, ascending by datanet; `datasetRoot` is the one `dataRoot`, or keccak256 of all of them in this order. */
  datanets: z.array(z.strictObject({ datanetId: natural, version, dataRoot: bytes32 })).min(1),
  datasetRoot: bytes32,
  /** Rows of the gradient store: of contributions first, then foreign ones of contribution 0, for the null band. */
  rows: z.int().min(1),
  foreignRows: z.int().min(1),
  sequence: z.int().min(2),
  projection: z.strictObject({ dimensions: z.int().min(1).max(2_048), seed: z.string().min(1).max(200) }),
  gradientStoreRoot: bytes32,
  /**
   * What H is of, where it is not of the rows themselves: gradients of contributions' rows, each copy once, as often as there are draws,
   * with labels that the adapted model drew. Rows of contribution 0.
   */
  moment: z
    .strictObject({
      draws: z.int().min(1),
      seed: z.int().min(0),
      rows: z.int().min(1),
      root: bytes32,
      /** The store, by its keccak256. */
      file: bytes32,
    })
    .optional(),
  /** Commits to all segments of the span index, their documents and whose these are. */
  suffixArrayRoot: bytes32,
  /** Contents by their keccak256. `clusters`: for each row, the first row that is the same but for little. */
  files: z.strictObject({ gradients: bytes32, spans: bytes32, clusters: bytes32 }),
});

export type AttributionRecord = z.output<typeof attributionRecordSchema>;
