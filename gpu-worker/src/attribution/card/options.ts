import type { Hex } from '@openledger/protocol';
import type { Rows } from '../../factory/index.ts';
import type { Adapter } from '../../lora/index.ts';
import type { Model } from '../../onnx/index.ts';
import type { GradientRows, GradientStore } from '../influence/index.ts';
import type { RetrainingRecipe } from '../lds/index.ts';

export type CardOptions = {
  /** The frozen base as it was trained on, `input_ids` in, logits out. */
  readonly base: Model;
  readonly adapter: Adapter;
  readonly adapterHash: Hex;
  readonly recipe: RetrainingRecipe;
  /** Of which it was trained on those that are no copies of earlier ones, and the contribution of each row. */
  readonly rows: Rows;
  readonly contributions: readonly bigint[];
  /** φ of these rows in this order; more rows after them, as foreign ones, are not looked at. */
  readonly gradients: GradientStore;
  readonly gradientStoreRoot: Hex;
  /** φ of the rows that H is of, where it is not of the contributions' own. */
  readonly moment?: GradientRows;
  /** Held out, as long as the rows: at least two. The first, third, … choose λ, the others are measured. */
  readonly queries: Rows;
  /** Retrainings: `count` · `seeds` of them, each without half of the contributions. */
  readonly subsets: { readonly count: number; readonly seeds: number };
  /** What extracting the store took: rows a second. */
  readonly rowsPerSecond: number;
  readonly modelId?: bigint;
  readonly version?: number;
  /** Retrainings that are done are kept in this file; a card that was stopped goes on from there. */
  readonly file?: string;
  readonly onProgress?: (progress: { readonly done: number; readonly retrainings: number }) => void;
  /** Ends it between two steps with an AbortError; the file keeps what is done. */
  readonly signal?: AbortSignal;
};
