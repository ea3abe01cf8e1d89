import { Hono } from 'hono';
import { Counter, Gauge, Registry } from 'prom-client';
import type { Keeper } from './keeper.ts';

const counters = {
  closed: ['openledger:epochs_closed_total', 'Epochs that this process closed.'],
  proposed: ['openledger:reward_roots_proposed_total', 'Reward roots that this process proposed.'],
  accepted: ['openledger:reward_roots_accepted_total', 'Reward roots that this process made claimable.'],
  finalised: ['openledger:attribution_batches_finalised_total', 'Attribution batches that this process made final.'],
} as const;

/** `/health`, `/ready` and `/metrics` of a keeper. */
export const statusOf = (keeper: Pick<Keeper, 'figures'>): Hono => {
  const registry = new Registry();
  const registers = [registry];
  const held = Object.entries(counters).map(([figure, [name, help]]) => ({
    figure: figure as keyof typeof counters,
    counter: new Counter({ name, help, registers }),
  }));
  const waiting = new Gauge({
    name: 'openledger:epoch_waits',
    help: '1 for the reason why a closed epoch has no accepted root yet, where it is more than time.',
    labelNames: ['reason'],
    registers,
  });
  const unfinal = new Gauge({
    name: 'openledger:attribution_batches_unfinal',
    help: 'Batches whose challenge window has passed and that are not final, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const app = new Hono();
  app.get('/health', (c) => c.json({ status: 'ok' }));
  app.get('/ready', (c) => {
    const { trouble, waits } = keeper.figures();
    const reasons = [trouble, waits].filter((reason) => reason !== undefined && reason !== 'index_behind');
    return c.json({ ready: reasons.length === 0, reasons }, reasons.length === 0 ? 200 : 503);
  });
  app.get('/metrics', async (c) => {
    const figures = keeper.figures();
    for (const { figure, counter } of held) {
      counter.reset();
      counter.inc(figures[figure]);
    }
    waiting.reset();
    if (figures.waits !== undefined) waiting.set({ reason: figures.waits }, 1);
    unfinal.reset();
    for (const [reason, batches] of Object.entries(figures.unfinal)) unfinal.set({ reason }, batches);
    return c.text(await registry.metrics(), 200, { 'content-type': registry.contentType });
  });
  app.notFound((c) => c.json({ error: 'There are /health, /ready and /metrics.' }, 404));
  return app;
};
