import type { Hex } from '@openledger/db/chain';
import type { SignedVoucher } from './voucher.ts';

export type Message = { readonly role: 'system' | 'user' | 'assistant'; readonly content: string };

/** Which model: by its number on chain, 0 being the base alone, or by a name that only workers know. */
export type ModelChoice =
  | { readonly modelId: bigint; readonly version: number | null; readonly name: string }
  | { readonly modelId: null; readonly name: string };

/** That the model is given passages of datanets it was trained on. */
export type Retrieval = {
  /** All that the account may read where undefined. */
  readonly datanetId: bigint | undefined;
  /** Passages at most; the worker's number where undefined. */
  readonly passages: number | undefined;
  /** The last message of the user where undefined. */
  readonly query: string | undefined;
};

/** What is asked, checked as far as it can be without asking a worker. */
export type Question = {
  readonly model: ModelChoice;
  readonly text:
    | { readonly messages: readonly Message[]; readonly retrieval: Retrieval | undefined }
    | { readonly prompt: string };
  /** Tokens that the answer has at most. */
  readonly maxTokens: number;
  /** Undefined where the worker's defaults hold. */
  readonly temperature: number | undefined;
  readonly topP: number | undefined;
  readonly topK: number | undefined;
  readonly seed: number | undefined;
  readonly presencePenalty: number | undefined;
  readonly frequencyPenalty: number | undefined;
  readonly repetitionPenalty: number | undefined;
  readonly stop: readonly string[];
  /** Asks this worker and no other. */
  readonly worker: Hex | undefined;
  readonly voucher: SignedVoucher | undefined;
};
