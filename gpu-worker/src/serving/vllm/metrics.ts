import { EngineError } from '../engine.ts';
import type { Server } from './server.ts';

/** Bytes of a `/metrics` page; vLLM's with its histograms takes about 100 kB. */
const longestPage = 8 << 20;

/**
 * The value of a metric in Prometheus' text format, summed over its labels, which are one for each of vLLM's engines.
 *
 * @returns undefined where the page does not have it.
 */
export const metricOf = (page: string, name: string): number | undefined => {
  let sum: number | undefined;
  for (const line of page.split('\n')) {
    if (!line.startsWith(name) || !(line[name.length] === '{' || line[name.length] === ' ')) continue;
    const value = /^(?:\{.*\})? +(\S+)/.exec(line.slice(name.length))?.[1];
    if (value !== undefined && Number.isFinite(Number(value))) sum = (sum ?? 0) + Number(value);
  }
  return sum;
};

/** @throws EngineError when vLLM does not answer. */
export const readMetrics = async (server: Server): Promise<string> => {
  const { body } = await server.get('/metrics', { signal: AbortSignal.timeout(5_000) });
  const decoder = new TextDecoder();
  let page = '';
  for await (const bytes of body ?? []) {
    page += decoder.decode(bytes, { stream: true });
    if (page.length > longestPage) throw new EngineError(`vLLM has more than ${longestPage} bytes of metrics`);
  }
  return page;
};
