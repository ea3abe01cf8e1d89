import { Counter, Gauge, type Registry } from 'prom-client';
import type { SettlerFigures } from '../../settlement/index.ts';
import type { AttributorFigures } from '../attributing/index.ts';

/** Adds what answers earned, what waits for whom, and what nobody will pay. */
export const watchSettling = (registry: Registry, figures: () => SettlerFigures): void => {
  const registers = [registry];
  new Counter({
    name: 'openledger:answers_settled_total',
    help: 'Answers whose fee this process collected.',
    registers,
    collect() {
      this.reset();
      this.inc(figures().settled);
    },
  });
  new Counter({
    name: 'openledger:settlements_total',
    help: 'Calls that collected them.',
    registers,
    collect() {
      this.reset();
      this.inc(figures().calls);
    },
  });
  new Gauge({
    name: 'openledger:answers_waiting_for_payment',
    help: 'Answers whose fee cannot be collected now, by reason; docs/settlement.md says what to do.',
    labelNames: ['why'],
    registers,
    collect() {
      this.reset();
      for (const [why, answers] of Object.entries(figures().waiting)) this.set({ why }, answers);
    },
  });
  new Gauge({
    name: 'openledger:answers_lost',
    help: 'Answers that nobody pays for any more, by reason.',
    labelNames: ['why'],
    registers,
    collect() {
      this.reset();
      for (const { why, answers } of figures().lost) this.set({ why }, answers);
    },
  });
  new Gauge({
    name: 'openledger:fees_lost_wei',
    help: 'What they would have paid, wei of OPEN.',
    labelNames: ['why'],
    registers,
    collect() {
      this.reset();
      for (const { why, fees } of figures().lost) this.set({ why }, Number(fees));
    },
  });
};

/** Adds what of answers' origins is on chain. */
export const watchPosting = (registry: Registry, figures: () => SettlerFigures): void => {
  const registers = [registry];
  const counters = {
    posted: ['openledger:receipts_posted_total', 'Receipts that this process put on chain in attribution batches.'],
    batches: ['openledger:attribution_batches_posted_total', 'Attribution batches that it posted.'],
    finalised: ['openledger:attribution_batches_finalised_total', 'Attribution batches that it made final.'],
  } as const;
  for (const [figure, [name, help]] of Object.entries(counters)) {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(figures()[figure as keyof typeof counters]);
      },
    });
  }
  const gauges = {
    unposted: ['openledger:receipts_unposted', 'Receipts of settled answers that wait for more than time, by reason.'],
    unfinal: [
      'openledger:attribution_batches_unfinal',
      'Batches whose window has passed and that are not final, by reason.',
    ],
  } as const;
  for (const [figure, [name, help]] of Object.entries(gauges)) {
    new Gauge({
      name,
      help: `${help} docs/settlement.md says what to do.`,
      labelNames: ['why'],
      registers,
      collect() {
        this.reset();
        for (const [why, count] of Object.entries(figures()[figure as keyof typeof gauges])) this.set({ why }, count);
      },
    });
  }
};

/** What `/ready` says of it: what waits and what is lost, by reason; fees in wei of OPEN. */
export const settlingShown = (figures: SettlerFigures): object => {
  const { settled, waiting, lost, posted, unposted, finalised, unfinal } = figures;
  return {
    settled,
    waiting,
    lost: Object.fromEntries(lost.map(({ why, answers, fees }) => [why, { answers, fees: `${fees}` }])),
    ...{ posted, unposted, finalised, unfinal },
  };
};

/** Adds what of answers is known to come from whom. */
export const watchAttributing = (registry: Registry, figures: () => AttributorFigures): void => {
  const registers = [registry];
  new Counter({
    name: 'openledger:answers_attributed_total',
    help: 'Answers that got their receipt from this process.',
    registers,
    collect() {
      this.reset();
      this.inc(figures().attributed);
    },
  });
  new Counter({
    name: 'openledger:attribution_seconds_total',
    help: 'Time that this took, beside the answers.',
    registers,
    collect() {
      this.reset();
      this.inc(figures().seconds);
    },
  });
  new Gauge({
    name: 'openledger:answers_waiting_for_attribution',
    help: 'Answers without a receipt, by what they wait for; docs/serving.md says what to do.',
    labelNames: ['why'],
    registers,
    collect() {
      this.reset();
      for (const [why, answers] of Object.entries(figures().waiting)) this.set({ why }, answers);
    },
  });
};

/** What `/ready` says of it. */
export const attributingShown = ({ attributed, waiting }: AttributorFigures): object => ({ attributed, waiting });
