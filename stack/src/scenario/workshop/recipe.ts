/** How every adapter of the scenario is trained: small, so that it takes seconds of one core beside everything else. */
export const recipe = {
  rank: 8,
  alpha: 16,
  targetModules: 'all-linear',
  /** Tokens of a row, rows of a step. */
  sequence: 128,
  batch: 8,
  schedule: { peak: 4e-3, warmup: 4, steps: 40, decay: 'cosine', floor: 0 },
  clip: 1,
  /** One of so many contributions is never trained on. */
  heldOutEvery: 6,
  /** Rows of what is held out that are scored. */
  heldOutRows: 32,
  threads: 1,
} as const;
