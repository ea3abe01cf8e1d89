import type { Hex } from '@openledger/protocol';
import type { Algorithm } from '@openledger/protocol/attribution';
import type { AnsweredRequest } from '../../attribution/receipts/index.ts';
import type { Answered } from './answered.ts';
import type { Attribution } from './attribute.ts';

// What passes between a worker and its thread that attributes.

export type ThreadOptions = {
  readonly databaseUrl: string;
  /** A base in Hugging Face's layout, or one ONNX file in it. */
  readonly baseFolder: string;
};

export type Order = {
  readonly request: AnsweredRequest;
  readonly answered: Answered;
  readonly modelId: bigint;
  readonly version: number;
  readonly adapterHash: Hex;
  readonly adapterFolder: string;
  readonly algorithm: Algorithm;
  /** Sentences that are looked at apart, at most. */
  readonly mostParts: number;
};

export type ToThread = { readonly call: number; readonly order: Order } | { readonly kind: 'close' };

export type FromThread =
  | { readonly call: number; readonly attribution: Attribution }
  | { readonly call: number; readonly why: Why; readonly message: string };

/**
 * Why an answer is not attributed now. Of the worker: it has no graph of its base. Of a version: it has no card; its data are not what its record says, or are missing; it was
 * made for another base; its adapter is not to be had. `failed`: this answer could not be computed.
 */
export const whys = [
  'no_base',
  'no_card',
  'not_attributable',
  'other_base',
  'no_adapter',
  'sealed_otherwise',
  'failed',
] as const;
export type Why = (typeof whys)[number];

/** An answer that waits, and why. Its message holds nothing of prompt or answer. */
export class WaitingError extends Error {
  override readonly name = 'WaitingError';
  readonly why: Why;
  constructor(why: Why, message: string) {
    super(message);
    this.why = why;
  }
}
