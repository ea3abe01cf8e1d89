import { bytesContent, type Content, jsonContent } from '../contents.ts';
import type { Training } from './messages.ts';
import type { Recipe } from './recipe.ts';
import type { Source } from './source.ts';

/** What the chain's `manifestHash` of a version names: how it was trained, and what it gained. */
export type TrainingRecord = {
  readonly schema: 'openledger.training/1';
  readonly model: string;
  readonly base: string;
  readonly source: { readonly datanetId: string; readonly version: number; readonly dataRoot: string };
  readonly recipe: Recipe;
  readonly seed: number;
  readonly adapterHash: `0x${string}`;
  readonly trainedTokens: number;
  /** Content hashes of the contributions that were learned from, and of those that were not. */
  readonly trainedOn: readonly string[];
  readonly heldOut: readonly string[];
  readonly heldOutTokens: number;
  /** Mean over the tokens held out, nats: of the base alone, and with the adapter. */
  readonly loss: { readonly before: number; readonly after: number };
  /** Content hash of what its answers are attributed with (`openledger.attribution/1`), and how fast gradients were computed for it. */
  readonly attribution: string;
  readonly rowsPerSecond: number;
};

/** A trained adapter that waits to be published. */
export type Made = {
  readonly record: TrainingRecord;
  /** The record as content. */
  readonly manifest: Content;
  /** What the version's URI names. */
  readonly adapter: Content;
  /** All of it, the adapter's files included. */
  readonly contents: readonly Content[];
};

export type MadeFrom = {
  readonly model: string;
  readonly base: string;
  readonly source: Source & { readonly dataRoot: string };
  readonly recipe: Recipe;
  readonly seed: number;
  readonly training: Training;
};

export function madeFrom({ model, base, source, recipe, seed, training }: MadeFrom): Made {
  const config = bytesContent('application/json', training.files.config);
  const tensors = bytesContent('application/octet-stream', training.files.tensors);
  const adapter = jsonContent({
    schema: 'openledger.adapter/1',
    files: { 'adapter_config.json': config.hash, 'adapter_model.safetensors': tensors.hash },
  });
  const record: TrainingRecord = {
    schema: 'openledger.training/1',
    model,
    base,
    source: { datanetId: source.datanetId.toString(), version: source.version, dataRoot: source.dataRoot },
    recipe,
    seed,
    adapterHash: training.hash,
    trainedTokens: training.trainedTokens,
    trainedOn: source.trainedOn,
    heldOut: source.heldBack,
    heldOutTokens: training.heldOutTokens,
    loss: { before: training.lossBefore, after: training.lossAfter },
    attribution: training.attribution.recordHash,
    rowsPerSecond: training.attribution.rowsPerSecond,
  };
  const manifest = jsonContent(record);
  const attribution = training.attribution.files.map(({ mediaType, body }) => bytesContent(mediaType, body));
  return { record, manifest, adapter, contents: [config, tensors, adapter, ...attribution, manifest] };
}
