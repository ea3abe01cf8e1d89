import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from './config.ts';
import type { ChainReadiness, Readiness } from './readiness.ts';

export type StatusServerOptions = {
  host: string;
  /** 0 takes a free one. */
  port: number;
  read: () => Promise<Readiness>;
  /** Where Ponder's own metrics are; without it only ours are given. */
  ponderUrl?: string | undefined;
};

/**
 * What operators and their machines ask an indexer: `/health` (the process lives), `/ready` and `/status` (whether its
 * answers may be relied on, and why not), `/metrics` (Prometheus: ours, then Ponder's).
 * @throws ConfigError when the port is taken.
 */
export const startStatusServer = ({ host, port, read, ponderUrl }: StatusServerOptions): Promise<{ port: number }> => {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://indexer');
    const answer = async () => {
      if (pathname === '/health') return send(response, 200, 'text/plain', 'ok\n');
      if (pathname === '/ready' || pathname === '/status') {
        const readiness = await read();
        const status = pathname === '/status' || readiness.ready ? 200 : 503;
        return send(response, status, 'application/json', `${JSON.stringify(readiness, plain, 2)}\n`);
      }
      if (pathname === '/metrics') {
        const text = metricsOf(await read()) + (await ponderMetrics(ponderUrl));
        return send(response, 200, 'text/plain; version=0.0.4', text);
      }
      return send(response, 404, 'text/plain', 'Here are /health, /ready, /status and /metrics.\n');
    };
    answer().catch(() => send(response, 500, 'text/plain', 'The status could not be read.\n'));
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'another process listens there' : error.message;
      reject(new ConfigError(`INDEXER_PORT ${port} on ${host} cannot be used: ${why}; choose another`));
    });
    server.listen(port, host, () => {
      server.unref();
      resolve({ port: (server.address() as AddressInfo).port });
    });
  });
};

const send = (response: ServerResponse, status: number, type: string, body: string) => {
  if (!response.headersSent) response.writeHead(status, { 'content-type': `${type}; charset=utf-8` });
  response.end(body);
};

const plain = (_key: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);

const ponderMetrics = async (url: string | undefined): Promise<string> => {
  if (url === undefined) return '';
  // It starts to listen a little later than we do.
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  return response?.ok ? response.text() : '';
};

/** Source of the format: https://prometheus.io/docs/instrumenting/exposition_formats/ */
const metricsOf = ({ ready, chains }: Readiness): string => {
  const perChain = (name: string, help: string, value: (chain: ChainReadiness) => number | bigint | undefined) =>
    gauge(
      name,
      help,
      chains.map((chain) => [`{chain_id="${chain.chainId}"}`, value(chain)] as const),
    );
  return [
    gauge('openledger_indexer_ready', '1 when what is indexed may be relied on.', [['', ready ? 1 : 0]]),
    perChain('openledger_indexer_block', 'The newest block that is indexed.', ({ block }) => block),
    perChain(
      'openledger_indexer_final_block',
      'The newest indexed block that cannot be taken back.',
      (c) => c.finalBlock,
    ),
    perChain('openledger_indexer_head_block', 'The newest block that a node told.', ({ head }) => head),
    perChain('openledger_indexer_lag_blocks', 'Blocks that the index is behind the head.', ({ lag }) => lag),
    perChain('openledger_indexer_head_age_seconds', 'Seconds since a node told the head.', ({ headAge }) => headAge),
    gauge(
      'openledger_indexer_node_up',
      '1 when the last answer of a node could be used.',
      chains.flatMap(({ chainId, nodes }) =>
        nodes.map(({ origin, state }) => [`{chain_id="${chainId}",node="${origin}"}`, state === 'up' ? 1 : 0] as const),
      ),
    ),
    gauge(
      'openledger_indexer_node_faults_total',
      'Answers of a node that failed, were late or could not be true.',
      chains.flatMap(({ chainId, nodes }) =>
        nodes.map(({ origin, faults }) => [`{chain_id="${chainId}",node="${origin}"}`, faults] as const),
      ),
      'counter',
    ),
  ].join('');
};

const gauge = (
  name: string,
  help: string,
  samples: readonly (readonly [labels: string, value: number | bigint | undefined])[],
  type = 'gauge',
): string => {
  const lines = samples.map(([labels, value]) => `${name}${labels} ${value ?? 'NaN'}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
};
