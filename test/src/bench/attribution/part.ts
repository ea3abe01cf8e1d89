import type { Figures } from '../report.ts';

/** How much is measured, for all parts alike. */
export type Plan = {
  /** A tenth or so of everything: whether it runs, and figures with wide intervals. */
  readonly isQuick: boolean;
  /** Cores to compute on. */
  readonly threads: number;
  /** The shipped base. */
  readonly base: string;
  /** An empty folder, which goes with the benchmark. */
  readonly folder: string;
};

/** One question to the attribution, with its own figures; `--name` asks this one alone. */
export type Part = {
  readonly name: string;
  /** @param progress is told what is being done. */
  run(plan: Plan, progress: (message: string) => void): Promise<Figures>;
};
