import type { Setting } from './adapters.ts';

/** How much is measured. */
export type Plan = {
  /** Folder of the base. */
  readonly base: string;
  readonly setting: Setting;
  readonly threads: number;
  /** Answers that are written at once. */
  readonly rows: number;
  /** Numbers of adapters, ascending, from 1. */
  readonly counts: readonly number[];
  /** Requests of one turn: short turns, so that what is compared finds the machine alike. */
  readonly requests: number;
  /** Requests that come in their time, for each case. */
  readonly arrivals: number;
  /** How often what is compared takes turns. */
  readonly turns: number;
};
