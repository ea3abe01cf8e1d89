import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Engine } from '../engine.ts';
import type { AdapterStore, Catalogue } from '../served.ts';
import type { Flights } from './flights.ts';

/** What a worker counts, under vLLM's names where it has one. */
export type DoorMetrics = {
  readonly registry: Registry;
  readonly sawFirstToken: (seconds: number, promptTokens: number) => void;
  /** @param seconds since the last ones. */
  readonly sawTokens: (count: number, seconds: number | undefined) => void;
  readonly sawLease: (wasWarm: boolean) => void;
  readonly sawEnd: (reason: 'stop' | 'length' | 'abort' | 'error', seconds: number) => void;
  readonly sawReply: (route: string, status: number) => void;
};

type Sources = {
  readonly engine: Engine;
  readonly store: AdapterStore;
  readonly catalogue: Catalogue;
  readonly flights: Flights;
  readonly baseName: string;
};

const seconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export const createMetrics = ({ engine, store, catalogue, flights, baseName }: Sources): DoorMetrics => {
  const registry = new Registry();
  registry.setDefaultLabels({ model_name: baseName });
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  const counter = <Label extends string = never>(name: string, help: string, labelNames: Label[] = []) =>
    new Counter<Label>({ name, help, labelNames, registers });
  /** Counted by the engine from its start. */
  const engineCounter = (name: string, help: string, read: () => number) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  const histogram = (name: string, help: string) => new Histogram({ name, help, buckets: seconds, registers });
  const status = () => engine.status();

  gauge('vllm:num_requests_running', 'Answers that are being written.', () => status().running);
  gauge('vllm:num_requests_waiting', 'Answers that wait for a place.', () => status().waiting);
  gauge(
    'vllm:kv_cache_usage_perc',
    'Part of the places for keys and values that is taken, 0 to 1.',
    () => status().cacheUsage,
  );
  engineCounter('vllm:prompt_tokens_total', 'Tokens of prompts that were read.', () => status().promptTokens);
  engineCounter('vllm:generation_tokens_total', 'Tokens that were generated.', () => status().generatedTokens);
  const firstToken = histogram('vllm:time_to_first_token_seconds', 'From a request to the first token of its answer.');
  const between = histogram('vllm:inter_token_latency_seconds', 'Between two tokens of an answer.');
  const whole = histogram('vllm:e2e_request_latency_seconds', 'From a request to the end of its answer.');
  const ended = counter('vllm:request_success_total', 'Answers that ended, and why.', ['finished_reason']);
  new Gauge({
    name: 'vllm:lora_requests_info',
    help: 'Adapters of requests that run and wait; the value is when that was, Unix seconds.',
    labelNames: ['max_lora', 'running_lora_adapters', 'waiting_lora_adapters'],
    registers,
    collect() {
      const { runningAdapters, waitingAdapters } = status();
      const names = namesOf(catalogue);
      this.reset();
      this.set(
        {
          max_lora: engine.info.maxRunning,
          running_lora_adapters: runningAdapters.map((hash) => names.get(hash) ?? hash).join(','),
          waiting_lora_adapters: waitingAdapters.map((hash) => names.get(hash) ?? hash).join(','),
        },
        Date.now() / 1000,
      );
    },
  });

  gauge(
    'openledger_worker_requests_in_flight',
    'Requests that are being answered, also while they wait for adapters.',
    () => flights.count(),
  );
  gauge(
    'openledger_worker_busy_ratio',
    'Part of the last seconds in which the engine computed, 0 to 1.',
    () => status().busyRatio,
  );
  new Gauge({
    name: 'openledger_worker_adapters',
    help: 'Adapters by state.',
    labelNames: ['state'],
    registers,
    collect() {
      this.reset();
      for (const { state } of store.status()) this.inc({ state });
    },
  });
  gauge(
    'openledger_worker_adapters_idle',
    'Adapters that are loaded and that no request uses.',
    () => store.status().filter(({ state, leases }) => state === 'loaded' && leases === 0).length,
  );
  const leases = counter(
    'openledger_worker_adapter_leases_total',
    'Requests by whether their adapter was loaded already.',
    ['loaded'],
  );
  engineCounter(
    'openledger_worker_adapter_swaps_total',
    'Adapters that were written into the place of a request.',
    () => status().swaps,
  );
  engineCounter('openledger_worker_adapter_swap_seconds_total', 'Time that took.', () => status().swapMs / 1000);
  engineCounter(
    'openledger_worker_adapter_swaps_saved_total',
    'Requests that found their adapter in the place.',
    () => status().swapsSaved,
  );
  const replies = counter('openledger_worker_replies_total', 'HTTP replies by route and status.', ['route', 'status']);

  return {
    registry,
    sawFirstToken: (after) => firstToken.observe(after),
    sawTokens: (count, after) => {
      if (after !== undefined) for (let token = 0; token < count; token++) between.observe(after / count);
    },
    sawLease: (wasWarm) => leases.inc({ loaded: wasWarm ? 'yes' : 'no' }),
    sawEnd: (reason, after) => {
      ended.inc({ finished_reason: reason });
      whole.observe(after);
    },
    sawReply: (route, httpStatus) => replies.inc({ route, status: httpStatus }),
  };
};

const namesOf = (catalogue: Catalogue): ReadonlyMap<string, string> =>
  new Map(catalogue.all().map(({ adapterHash, name }) => [adapterHash, name]));
