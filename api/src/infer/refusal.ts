import type { Hex } from '@openledger/db/chain';
import { GraphQLError } from 'graphql';
import { type ErrorCode, userError } from '../errors.ts';
import { isoTime } from '../time.ts';
import { shownModel } from './model-name.ts';
import type { Question } from './question.ts';
import type { WireError } from './wire.ts';

/** A worker that did not answer, and why. `status`: of HTTP; null when it could not be reached, or broke off. */
export class WorkerRefusal extends Error {
  override readonly name = 'WorkerRefusal';
  readonly worker: Hex;
  readonly status: number | null;
  readonly told: WireError | null;
  /** Seconds that a busy worker wants to be left alone for. */
  readonly retryAfter: number;
  constructor(worker: Hex, status: number | null, told: WireError | null, retryAfter = 1, options?: ErrorOptions) {
    super(told?.message ?? `HTTP ${status}`, options);
    this.worker = worker;
    this.status = status;
    this.told = told;
    this.retryAfter = retryAfter;
  }
}

/** Whether no worker would answer the question as it is. */
export function isAboutQuestion({ status }: WorkerRefusal): boolean {
  return status === 400 || status === 413 || status === 422;
}

/** What asking came to where no worker answered: that for which there is most to do. */
export function errorOf(question: Question, refusals: readonly WorkerRefusal[]): GraphQLError {
  const of = (...statuses: (number | null)[]) => refusals.filter(({ status }) => statuses.includes(status));
  const what = shownModel(question.model);
  const [wrong] = refusals.filter(isAboutQuestion);
  if (wrong) {
    const param = wrong.told?.param;
    return withDetails('BAD_USER_INPUT', wrong.message, param == null ? {} : { param });
  }
  const busy = of(429);
  if (busy.length > 0) {
    const retryAfter = Math.min(...busy.map((each) => each.retryAfter));
    const all = refusals.length === 1 ? 'The worker that serves it is' : 'The workers that serve it are';
    return withDetails('MODEL_BUSY', `${all} busy: ask ${what} again in ${retryAfter} s.`, { retryAfter });
  }
  const [unpaid] = of(402);
  if (unpaid) return unpaidError(unpaid);
  const unknown = of(404);
  if (unknown.length === refusals.length) {
    return userError('NOT_FOUND', `There is no ${what} that this account may ask.`);
  }
  return userError('MODEL_UNAVAILABLE', `No worker could answer for ${what} just now: ask again in a moment.`);
}

/** `reason`: `voucher_missing`, `voucher_expired`, `voucher_too_low`, `balance_too_low`. */
function unpaidError({ worker, told, message }: WorkerRefusal): GraphQLError {
  const { cumulativeAmount, expiry } = told?.payment ?? {};
  return withDetails(
    'PAYMENT_REQUIRED',
    // The worker speaks to those who ask it themselves.
    message.replace(/in the header OpenLedger-Voucher\.$/, 'as voucher: voucherIntent gives what to sign.'),
    {
      payment: {
        worker,
        reason: told?.code ?? null,
        cumulativeAmount: cumulativeAmount ?? null,
        earliestExpiry: expiry === undefined ? null : isoTime(BigInt(expiry)),
      },
    },
  );
}

function withDetails(code: ErrorCode, message: string, details: object): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...details } });
}
