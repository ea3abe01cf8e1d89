import type { Hex } from '@openledger/protocol';
import type { Answered } from '../attributing/answered.ts';
import type { Price } from '../payments/price.ts';
import type { SignedVoucher } from '../payments/signedVoucher.ts';
import type { Retrieved } from '../retrieval/index.ts';

/** Who pays when nobody says who they are. */
export const nobody: Hex = '0x0000000000000000000000000000000000000000';

/** On whose name a request is answered. */
export type Caller = {
  /** Lower case. */
  readonly payer: Hex;
  readonly apiKeyId: string | undefined;
  /** What came with the request, its signature checked. */
  readonly voucher: SignedVoucher | undefined;
};

/** What a request asks for, before it is answered. */
export type Asked = {
  readonly caller: Caller;
  readonly modelId: bigint;
  readonly version: number;
  readonly adapterHash: Hex | undefined;
  readonly price: Price;
  readonly promptHash: Hex;
  /** Whether it is attributed also where it costs nothing. */
  readonly wantsAttribution: boolean;
  /** Passages that the model is given, and the conversation that they are given with. */
  readonly retrieval?: Retrieved | undefined;
  /** At most. */
  readonly inTokens: number;
  readonly outTokens: number;
};

/** How a request ended. `answers`, where texts were written: what they are attributed by. */
export type Outcome =
  | ({ readonly state: 'answered'; readonly finishReason: string } & Texts)
  /** The client went away; what was written until then is paid for. */
  | ({ readonly state: 'cancelled' } & Texts)
  /** Nothing is paid. `error` holds nothing of the prompt. */
  | { readonly state: 'failed'; readonly error: string };

type Texts = { readonly texts: readonly string[]; readonly answers?: Answered['answers'] };

export type Used = { readonly inTokens: number; readonly outTokens: number; readonly firstTokenAt: Date | undefined };

/** A request that is being answered. */
export type Running = {
  readonly requestId: Hex;
  /**
   * Records how it ended: once, whatever is called after. Settles when it is in the database, or when that does not answer for
   * so long that nobody should wait for it; it is then written as soon as it does.
   */
  readonly end: (outcome: Outcome, used: Used) => Promise<void>;
  /** It was refused before any work: nothing of it stays. */
  readonly drop: () => Promise<void>;
};

/** What was asked and answered, durably: a row when work begins, and exactly one change of it when it ends. */
export type Usage = {
  /**
   * Reserves the most that the answer may cost, and records that it is being written.
   *
   * @throws ApiError (402) when the payer has not promised or deposited enough, saying how much it takes; the database's
   * error when it does not answer.
   */
  readonly begin: (asked: Asked) => Promise<Running>;
  /** Waits until everything that ended is in the database, ten seconds at most. */
  readonly close: () => Promise<void>;
};
