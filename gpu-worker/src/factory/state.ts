import { type Moments, zeroMoments } from './adamw.ts';
import type { Job } from './job.ts';
import type { OrderState } from './order.ts';
import { createOrder } from './order.ts';
import type { Parameter } from './parameter.ts';
import { rowCount } from './rows.ts';

/** All that a training knows between two steps: what a checkpoint holds. */
export type State = {
  /** Steps that are done. */
  step: number;
  readonly parameters: readonly Parameter[];
  readonly moments: Moments;
  order: OrderState;
  /** The step after which the rows held out were last looked at. */
  evaluated: number;
  /** Evaluations since the best one. */
  stale: number;
  best: Best | undefined;
};

export type Best = { readonly step: number; readonly loss: number; readonly values: readonly Float32Array[] };

export const initialState = ({ parameters, data, seed }: Job): State => ({
  step: 0,
  parameters: parameters.map((parameter) => ({ ...parameter, values: parameter.values.slice() })),
  moments: zeroMoments(parameters),
  order: createOrder(rowCount(data), { seed }).state(),
  evaluated: 0,
  stale: 0,
  best: undefined,
});
