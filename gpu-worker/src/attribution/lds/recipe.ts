import type { AdapterJob } from '../../factory/index.ts';

/** How an adapter was trained: retrainings are the same but for their rows and seeds. */
export type RetrainingRecipe = Pick<
  AdapterJob,
  'config' | 'batch' | 'accumulate' | 'schedule' | 'optimizer' | 'clip' | 'seed' | 'threads' | 'logits'
>;
