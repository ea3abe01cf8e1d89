import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Database } from '@openledger/db';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { RelayerConfigError } from './config.ts';
import type { Relayer } from './relayer.ts';
import { countRows } from './rows.ts';

/** What this process counts, in Prometheus' words. */
export function createRelayerMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counter = (name: string, help: string) =>
    new Counter({ name: `openledger_relayer_${name}`, help, registers: [registry] });
  const feeBumps = counter('fee_bumps_total', 'Transactions sent again for a higher fee.');
  const broadcasts = counter('broadcasts_total', 'Signed transactions handed to a node, repeated ones too.');
  return { registry, feeBumps: () => feeBumps.inc(), broadcasts: () => broadcasts.inc() };
}

/** @param db of a pool of its own, so that a round under way does not hold up an answer. */
function watchRelayer(registry: Registry, relayer: Relayer, db: Database): void {
  const registers = [registry];
  new Gauge({
    name: 'openledger_relayer_actions',
    help: 'Actions by state.',
    labelNames: ['state'],
    registers,
    async collect() {
      const counts = await countRows({ ...relayer, db }).catch(() => null);
      this.reset();
      for (const state of ['pending', 'submitted', 'mined', 'final', 'failed']) {
        this.set({ state }, counts === null ? Number.NaN : (counts.get(state) ?? 0));
      }
    },
  });
  new Gauge({
    name: 'openledger_relayer_balance_wei',
    help: 'What the relayer can pay fees with, when it was last read; NaN before.',
    registers,
    collect() {
      this.set(Number(relayer.memory.balance ?? Number.NaN));
    },
  });
  new Gauge({
    name: 'openledger_relayer_troubles',
    help: '1 for each kind of trouble that keeps actions waiting; /ready says what to do.',
    labelNames: ['kind'],
    registers,
    collect() {
      this.reset();
      for (const kind of relayer.troubles.keys()) this.set({ kind }, 1);
    },
  });
}

type ServerOptions = {
  readonly relayer: Relayer;
  readonly db: Database;
  readonly registry: Registry;
  readonly port: number;
};

/** `/health` (the process lives), `/ready` (whether actions are sent, and what keeps them), `/metrics`. */
export async function startStatusServer({ relayer, db, registry, port }: ServerOptions) {
  const { host } = relayer.config;
  watchRelayer(registry, relayer, db);
  const readiness = () => {
    const troubles = Object.fromEntries(relayer.troubles);
    const ready = relayer.troubles.size === 0;
    const { address, chainId, memory } = relayer;
    return { ready, troubles, relayer: address, chainId: `${chainId}`, balanceWei: memory.balance?.toString() ?? null };
  };
  const server = createServer((request, response) => {
    const reply = (status: number, type: string, body: string) => {
      response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' });
      response.end(body);
    };
    const json = (status: number, body: object) =>
      reply(status, 'application/json; charset=utf-8', `${JSON.stringify(body)}\n`);
    const path = (request.url ?? '/').split('?', 1)[0];
    if (path === '/health') json(200, { status: 'ok' });
    else if (path === '/ready') json(relayer.troubles.size === 0 ? 200 : 503, readiness());
    else if (path === '/metrics') {
      registry.metrics().then(
        (text) => reply(200, registry.contentType, text),
        () => json(500, { error: 'The metrics could not be read.' }),
      );
    } else json(404, { error: 'Here are /health, /ready and /metrics.' });
  });
  server.headersTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'another process listens there' : error.message;
      reject(new RelayerConfigError(`RELAYER_PORT ${port} on ${host} cannot be used: ${why}; choose another`));
    });
    server.listen(port, host, () => resolve());
  });
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
