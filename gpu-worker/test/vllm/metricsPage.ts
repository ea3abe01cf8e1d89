import type { Engine } from '../../src/serving/index.ts';
import type { Scheduler } from './scheduler.ts';

/** A page of metrics under vLLM's names. */
export const metricsPage = (engine: Engine, scheduler: Scheduler, model: string, maxLoras: number): string => {
  const { cacheUsage, promptTokens, generatedTokens } = engine.status();
  const labels = `{engine="0",model_name="${model}"}`;
  const names = (adapters: readonly (string | undefined)[]) => [...new Set(adapters.flatMap((each) => each ?? []))];
  const lines = [
    ['vllm:num_requests_running', 'gauge', labels, scheduler.running().length],
    ['vllm:num_requests_waiting', 'gauge', labels, scheduler.waiting().length],
    ['vllm:kv_cache_usage_perc', 'gauge', labels, cacheUsage],
    ['vllm:prompt_tokens_total', 'counter', labels, promptTokens],
    ['vllm:generation_tokens_total', 'counter', labels, generatedTokens],
    [
      'vllm:lora_requests_info',
      'gauge',
      `{max_lora="${maxLoras}",running_lora_adapters="${names(scheduler.running())}",` +
        `waiting_lora_adapters="${names(scheduler.waiting())}"}`,
      Date.now() / 1_000,
    ],
  ] as const;
  return lines.map(([name, type, own, value]) => `# TYPE ${name} ${type}\n${name}${own} ${value}\n`).join('');
};
