/** To the process that trains: one adapter of the base in this folder. */
export type TrainingOrder = {
  readonly base: string;
  /** Documents to learn from, and documents to be scored on that were never learned from. */
  readonly train: readonly string[];
  readonly heldOut: readonly string[];
  readonly seed: number;
};

/** What came of it. Losses are means over the tokens held out, nats. */
export type Training = {
  /** keccak256 over both files, as the chain names the adapter. */
  readonly hash: `0x${string}`;
  readonly files: { readonly config: Uint8Array; readonly tensors: Uint8Array };
  readonly lossBefore: number;
  readonly lossAfter: number;
  readonly trainedTokens: number;
  readonly heldOutTokens: number;
};

/** From the process that trains; the last one is `trained` or `failed`. */
export type TrainingNews =
  | { readonly kind: 'progress'; readonly done: number }
  | { readonly kind: 'trained'; readonly training: Training }
  | { readonly kind: 'failed'; readonly reason: string };
