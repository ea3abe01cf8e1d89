const help: Readonly<Record<string, string>> = {
  'vllm:num_requests_running': 'Answers that are being written.',
  'vllm:num_requests_waiting': 'Answers that wait for a place.',
  'vllm:kv_cache_usage_perc': 'Part of the places for keys and values that is taken, 0 to 1.',
  'vllm:prompt_tokens_total': 'Tokens of prompts that were read.',
  'vllm:generation_tokens_total': 'Tokens that were generated.',
  'openledger:engine_busy_ratio': 'Part of the last seconds in which the engine computed, 0 to 1.',
  'openledger:adapters_loaded': 'Adapters in memory.',
  'openledger:adapters_stored': 'Adapters on disk.',
  'openledger:adapters_idle': 'Adapters in memory that no request uses.',
  'openledger:adapters_failed': 'Adapters that cannot be served.',
  'openledger:adapter_swaps_total': 'Adapters that were written into the place of a request.',
  'openledger:adapter_swap_seconds_total': 'Time that this took.',
  'openledger:adapter_swaps_saved_total': 'Requests that found their adapter in the place.',
  'openledger:adapters_found_loaded_total': 'Requests whose adapter was in memory.',
  'openledger:adapters_found_stored_total': 'Requests whose adapter was on disk.',
  'openledger:adapters_found_nowhere_total': 'Requests whose adapter had to be fetched.',
  'openledger:adapters_refused_total': 'Requests whose adapter could not be had.',
  'openledger:adapters_fetched_total': 'Adapters that were fetched.',
  'openledger:adapters_fetched_bytes_total': 'Their bytes.',
  'openledger:adapters_unloaded_total': 'Adapters that left memory for others.',
  'openledger:adapters_removed_total': 'Adapters that left the disk for others.',
};

/** What a figure says, in a sentence. */
export const figureHelp = (name: string): string => help[name] ?? 'A figure of this worker.';
