import type { Hex } from '@openledger/db/chain';
import { GraphQLError } from 'graphql';
import { type ErrorCode, userError } from '../errors.ts';
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
  if (unpaid) {
    const { worker, told } = unpaid;
    const payment = { worker, ...(told?.payment && { cumulativeAmount: told.payment.cumulativeAmount }) };
    return withDetails(
      'PAYMENT_REQUIRED',
      `${unpaid.message} Sign a voucher for worker ${worker} (voucherIntent) and send it along.`,
      { payment },
    );
  }
  const unknown = of(404);
  if (unknown.length === refusals.length) {
    return userError('NOT_FOUND', `There is no ${what} that this account may ask.`);
  }
  return userError('MODEL_UNAVAILABLE', `No worker could answer for ${what} just now: ask again in a moment.`);
}

function withDetails(code: ErrorCode, message: string, details: object): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...details } });
}
