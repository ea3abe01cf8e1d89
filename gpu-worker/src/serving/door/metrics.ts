import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { SettlerFigures } from '../../settlement/index.ts';
import type { AttributorFigures } from '../attributing/index.ts';
import type { Engine } from '../engine.ts';
import { figuresOf } from '../registration/index.ts';
import type { AdapterStore, Catalogue } from '../served.ts';
import { figureHelp } from './figureHelp.ts';
import type { Flights } from './flights.ts';
import { watchAttributing, watchPosting, watchSettling } from './payMetrics.ts';

/** What a worker counts, under vLLM's names where it has one. */
export type DoorMetrics = {
  readonly contentType: string;
  /** In Prometheus' words. */
  readonly scrape: () => Promise<string>;
  readonly sawFirstToken: (seconds: number) => void;
  /** @param seconds since the last ones of the same answer. */
  readonly sawTokens: (count: number, seconds: number) => void;
  readonly sawEnd: (reason: 'stop' | 'length' | 'abort' | 'error', seconds: number) => void;
  readonly sawReply: (route: string, status: number) => void;
};

type Sources = {
  readonly engine: Engine;
  readonly store: AdapterStore;
  readonly catalogue: Catalogue;
  readonly flights: Flights;
  readonly baseName: string;
  readonly settling: () => SettlerFigures;
  readonly attributing: () => AttributorFigures;
};

const buckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export const createMetrics = ({
  engine,
  store,
  catalogue,
  flights,
  baseName,
  settling,
  attributing,
}: Sources): DoorMetrics => {
  const registry = new Registry();
  registry.setDefaultLabels({ model_name: baseName });
  const registers = [registry];
  const figures = () => figuresOf(engine.status(), store);
  const held = Object.keys(figures()).map((name) => {
    const about = { name, help: figureHelp(name), registers };
    return { name, metric: name.endsWith('_total') ? new Counter(about) : new Gauge(about) };
  });
  const inFlight = new Gauge({
    name: 'openledger:requests_in_flight',
    help: 'Requests that are being answered, also while they wait for their adapter.',
    registers,
  });
  const adapters = new Gauge({
    name: 'openledger:adapters',
    help: 'Adapters by state.',
    labelNames: ['state'],
    registers,
  });
  const loras = new Gauge({
    name: 'vllm:lora_requests_info',
    help: 'Adapters of requests that run and wait; the value is when that was, Unix seconds.',
    labelNames: ['max_lora', 'running_lora_adapters', 'waiting_lora_adapters'],
    registers,
  });
  const histogram = (name: string, help: string) => new Histogram({ name, help, buckets, registers });
  const firstToken = histogram('vllm:time_to_first_token_seconds', 'From a request to the first token of its answer.');
  const between = histogram('vllm:inter_token_latency_seconds', 'Between two tokens of an answer.');
  const whole = histogram('vllm:e2e_request_latency_seconds', 'From a request to the end of its answer.');
  const ended = new Counter({
    name: 'vllm:request_success_total',
    help: 'Answers that ended, and why.',
    labelNames: ['finished_reason'],
    registers,
  });
  const replies = new Counter({
    name: 'openledger:replies_total',
    help: 'HTTP replies by route and status.',
    labelNames: ['route', 'status'],
    registers,
  });

  watchSettling(registry, settling);
  watchPosting(registry, settling);
  watchAttributing(registry, attributing);

  const look = (): void => {
    const now = figures();
    for (const { name, metric } of held) {
      metric.reset();
      metric.inc(now[name] ?? 0);
    }
    inFlight.set(flights.count());
    adapters.reset();
    for (const { state } of store.status()) adapters.inc({ state });
    const names = new Map(catalogue.all().map((model) => [model.adapterHash, model.name]));
    const { runningAdapters, waitingAdapters } = engine.status();
    loras.reset();
    loras.set(
      {
        max_lora: engine.info.maxRunning,
        running_lora_adapters: runningAdapters.map((hash) => names.get(hash) ?? hash).join(','),
        waiting_lora_adapters: waitingAdapters.map((hash) => names.get(hash) ?? hash).join(','),
      },
      Date.now() / 1000,
    );
  };
  return {
    contentType: registry.contentType,
    scrape: () => {
      look();
      return registry.metrics();
    },
    sawFirstToken: (seconds) => firstToken.observe(seconds),
    sawTokens: (count, seconds) => {
      for (let token = 0; token < count; token++) between.observe(seconds / count);
    },
    sawEnd: (reason, seconds) => {
      ended.inc({ finished_reason: reason });
      whole.observe(seconds);
    },
    sawReply: (route, status) => replies.inc({ route, status }),
  };
};
