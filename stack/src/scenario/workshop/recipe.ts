import type { Schedule } from '@openledger/gpu-worker/factory';

/** How an adapter is trained, and what its answers are attributed with. */
export type Recipe = {
  readonly rank: number;
  readonly alpha: number;
  readonly targetModules: 'all-linear';
  /** Tokens of a row, rows of a step. */
  readonly sequence: number;
  readonly batch: number;
  readonly schedule: Schedule;
  readonly clip: number;
  /** One of so many contributions is never trained on. */
  readonly heldOutEvery: number;
  /** Texts of a contribution that are trained on, spread over it. */
  readonly mostTexts: number;
  /** Rows of what is held out that are scored. */
  readonly heldOutRows: number;
  readonly threads: number;
  readonly attribution: {
    readonly projection: { readonly dimensions: number; readonly seed: string };
    readonly foreignRows: number;
    /** Of the card: retrainings on halves of the contributions, and rows held out whose losses they are to predict. */
    readonly subsets: { readonly count: number; readonly seeds: number };
    readonly queries: number;
  };
};

/** Every adapter's of the scenario: small, so that it takes seconds of one core beside everything else. */
export const recipe: Recipe = {
  rank: 8,
  alpha: 16,
  targetModules: 'all-linear',
  sequence: 128,
  batch: 8,
  schedule: { peak: 4e-3, warmup: 4, steps: 40, decay: 'cosine', floor: 0 },
  clip: 1,
  heldOutEvery: 6,
  mostTexts: 8,
  heldOutRows: 32,
  threads: 1,
  attribution: {
    projection: { dimensions: 1_024, seed: 'openledger/scenario' },
    foreignRows: 64,
    subsets: { count: 8, seeds: 1 },
    queries: 24,
  },
};
