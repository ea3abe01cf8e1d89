import type { Body } from '@openledger/gpu-worker/attribution/version';
import type { Card } from '@openledger/protocol/attribution';
import type { Recipe } from './recipe.ts';

/** What an adapter learns from: contributions of a datanet's version, and others of it that it is never shown. */
export type Lessons = { readonly train: readonly Body[]; readonly heldOut: readonly Body[] };

/** To the process that trains: one adapter of the base in this folder, and what its answers are attributed with. */
export type TrainingOrder = Lessons & {
  readonly kind: 'train';
  readonly base: string;
  readonly baseName: string;
  readonly datanet: { readonly datanetId: bigint; readonly version: number; readonly dataRoot: `0x${string}` };
  readonly recipe: Recipe;
  readonly seed: number;
};

/** To the same program: how well the attribution of a version predicts what retraining does. */
export type CardOrder = Lessons & {
  readonly kind: 'card';
  readonly base: string;
  readonly recipe: Recipe;
  readonly seed: number;
  readonly adapter: AdapterFiles;
  readonly gradients: Uint8Array;
  readonly rowsPerSecond: number;
  /** Keeps the retrainings that are done, for an order that is given again. */
  readonly file: string;
};

export type AdapterFiles = { readonly config: Uint8Array; readonly tensors: Uint8Array };

/** What came of it. Losses are means over the tokens held out, nats. */
export type Training = {
  /** keccak256 over both files, as the chain names the adapter. */
  readonly hash: `0x${string}`;
  readonly files: AdapterFiles;
  readonly lossBefore: number;
  readonly lossAfter: number;
  readonly trainedTokens: number;
  readonly heldOutTokens: number;
  readonly attribution: {
    /** Names the attribution record, the last of the files. */
    readonly recordHash: `0x${string}`;
    readonly files: readonly { readonly mediaType: string; readonly body: Uint8Array }[];
    readonly gradients: Uint8Array;
    readonly rowsPerSecond: number;
  };
};

/** From the process that trains; the last one is `trained`, `weighed` or `failed`. */
export type TrainingNews =
  | { readonly kind: 'progress'; readonly done: number }
  | { readonly kind: 'trained'; readonly training: Training }
  | { readonly kind: 'weighed'; readonly card: Card }
  | { readonly kind: 'failed'; readonly reason: string };
