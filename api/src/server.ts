import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { checkServer, DatabaseError } from '@openledger/db/server';
import { printSchema } from 'graphql';
import type { Logger } from 'pino';
import { createChainClient } from './chain-client.ts';
import { createEngine } from './compiled/engine.ts';
import { createCompiled } from './compiled/http.ts';
import { createRevision } from './compiled/revision.ts';
import type { ApiConfig } from './config.ts';
import { createContents } from './contents/route.ts';
import type { Services } from './context.ts';
import { readDeployment } from './contracts.ts';
import { connectApp, connectDatabase, connectExports, connectStatus } from './database.ts';
import { explainDatabaseError } from './database-errors.ts';
import { userError } from './errors.ts';
import { createExports } from './exports/index.ts';
import { createGraphQL } from './graphql.ts';
import { checkBody } from './guard/body.ts';
import { documentLimits } from './guard/documents.ts';
import { createGuard } from './guard/guard.ts';
import { createHaltReader } from './halt.ts';
import { createChainHead } from './head.ts';
import { createDeploymentRow } from './identity/deployment-row.ts';
import { createKeys } from './identity/secret.ts';
import { createWorkers } from './infer/workers.ts';
import { createLive } from './live/index.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { createProtocolReader } from './onchain/reader.ts';
import { landingPage } from './pages.ts';
import { schema } from './schema/index.ts';
import { createIndexStatus, type IndexStatus, WATCH_MS } from './status.ts';
import { createUploads } from './submissions/upload-route.ts';
import { isoTime } from './time.ts';
import { readPages } from './web/pages.ts';
import { startWebhooks } from './webhooks/index.ts';

export type ApiServer = {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  /** Stops taking requests, lets those under way finish, and closes the pool. */
  readonly stop: () => Promise<void>;
};

/** Sees each SQL statement before it runs. */
export type ApiHooks = { readonly onQuery?: (query: string, parameters: unknown[]) => void };

/** A reason the API cannot start that the person starting it can mend. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

type Reply = {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
};

type Readiness = Omit<IndexStatus, 'chains'>;

/** Starts the API. @throws ConfigError for a wrong manifest, StartError for an unreachable database or a busy port. */
export async function createApiServer(config: ApiConfig, { onQuery }: ApiHooks = {}): Promise<ApiServer> {
  const log = createLog(config.logLevel);
  const deployment = await readDeployment(config.contractsFile);
  await checkDatabase(config.databaseUrl);
  const { db, sql: reader, close: closeDatabase } = connectDatabase(config.databaseUrl, onQuery);
  const { sql, close: closeStatus } = connectStatus(config.databaseUrl);
  const app = connectApp(config.databaseUrl, onQuery);
  const downloads = connectExports(config.databaseUrl);
  const close = () => Promise.all([closeDatabase(), closeStatus(), app.close(), downloads.close()]);
  let publicUrl = config.publicUrl;
  try {
    const { chainId } = deployment;
    const look = createChainHead({ urls: config.rpcUrls, chainId, log });
    const readHalt = createHaltReader(sql, chainId, log);
    const status = createIndexStatus({ sql, look, readHalt, chainId });
    const appReady = createDeploymentRow(app, deployment, log);
    const { databaseUrl } = config;
    const { genesisHash } = deployment;
    const live = createLive({ databaseUrl, genesisHash, chainId, readHalt, db, app, log });
    const subscriptions = () => live.places.taken();
    const workers = createWorkers({ allowPrivate: config.workersAllowPrivate });
    const metrics = createMetrics({ db, status, readHalt, look, subscriptions, app, workers });
    const chain = createChainClient(config.rpcUrls);
    const services: Services = {
      db,
      app,
      appReady,
      status,
      readHalt,
      deployment,
      protocol: createProtocolReader(chain, deployment),
      relayer: () => {
        if (config.relayerAddress !== undefined) return config.relayerAddress;
        throw userError('NOT_CONFIGURED', 'This API relays nothing: its operator has to set RELAYER_ADDRESS.');
      },
      genesisHash: deployment.genesisHash,
      publicUrl: () => new URL(publicUrl!),
      origins: config.origins,
      chatOperators: config.chatOperators,
      budgets: config.budgets,
      chain,
      keyFor: createKeys(config.secret),
      live,
      webhookAllowPrivate: config.webhookAllowPrivate,
      workers,
      log,
    };
    const guard = createGuard({ ...config, app, publicUrl: services.publicUrl });
    const engine = createEngine({
      schema,
      sql: reader,
      readHalt,
      status,
      context: services,
      countError: metrics.countError,
      onQuery,
    });
    const takeUpload = createUploads(services, guard);
    const takeContent = createContents(services, guard);
    const exports = createExports({ services, guard, sql: downloads.sql });
    const yoga = createGraphQL({ services, guard, engine, config, log, metrics });
    const answerCompiled = createCompiled({
      engine,
      guard,
      ...config,
      publicUrl: services.publicUrl,
      genesisHash: deployment.genesisHash,
      revision: createRevision({ sql, chainId, readHalt }),
    });

    const replies: Record<string, () => Promise<Reply>> = {
      '/': async () => html(landingPage(config, await status().catch(() => undefined))),
      '/health': async () => json(200, { status: 'ok' }),
      '/ready': async () => readiness(await status().catch((error: unknown) => unreadable(error, log))),
      '/metrics': async () => ({
        status: 200,
        type: metrics.registry.contentType,
        body: await metrics.registry.metrics(),
      }),
      ...(config.introspection && {
        '/schema.graphql': async () => ({ status: 200, type: 'text/plain; charset=utf-8', body: printSchema(schema) }),
      }),
    };

    const pages = readPages();

    const handle = async (request: IncomingMessage, response: ServerResponse) => {
      const path = (request.url ?? '/').split('?', 1)[0]!;
      const began = performance.now();
      const isExport = /^\/export(\/|$)/.test(path);
      const isContent = /^\/content(\/|$)/.test(path);
      const route = isExport
        ? '/export'
        : isContent
          ? '/content'
          : path === '/graphql' || path === '/upload' || path in replies || pages.has(path)
            ? path
            : 'other';
      response.once('finish', () =>
        metrics.observeRequest(route, response.statusCode, (performance.now() - began) / 1000),
      );
      if (path === '/graphql') {
        const wrong = await checkBody(request);
        if (wrong === undefined) return (await answerCompiled(request, response)) || yoga(request, response);
        if (!wrong.whole) response.setHeader('connection', 'close');
        return send(response, tooLarge(wrong.bytes));
      }
      if (path === '/upload') return takeUpload(request, response);
      if (isExport) return exports.handle(request, response);
      if (isContent) return takeContent(request, response);
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        return send(response, json(405, { error: `${path} takes GET only; GraphQL is at /graphql.` }));
      }
      const page = pages.get(path);
      if (page !== undefined) return send(response, { status: 200, ...page });
      const reply = Object.hasOwn(replies, path) ? replies[path] : undefined;
      send(
        response,
        reply ? await reply() : json(404, { error: `There is nothing at ${path}. See / for what there is.` }),
      );
    };

    const server = createServer((request, response) => {
      Promise.resolve(handle(request, response)).catch((error: unknown) => {
        log.error({ err: error }, 'request failed');
        if (!response.headersSent)
          send(response, json(500, { error: 'Something went wrong on our side. It is logged.' }));
        else response.destroy();
      });
    });
    const sockets = new Set<Socket>();
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    server.headersTimeout = 10_000;
    server.requestTimeout = 30_000;
    // Reading needs nothing of schema app: who writes without it is told then.
    await appReady().catch(() => {});
    const url = await listen(server, config);
    publicUrl ??= url;
    const webhooks = startWebhooks({ ...services, allowPrivate: config.webhookAllowPrivate });
    log.info({ url, chainId: chainId.toString() }, 'listening');
    const watch = setInterval(() => status().catch(() => {}), WATCH_MS);

    return {
      url,
      stop: async () => {
        clearInterval(watch);
        await Promise.all([webhooks.stop(), live.stop(), workers.stop()]);
        await new Promise<void>((resolve) => {
          // A connection whose answer ends in the meantime, or that nothing was ever asked over, would be waited for.
          const closeIdle = () => {
            server.closeIdleConnections();
            for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
          };
          const closing = setInterval(closeIdle, 50);
          server.close(() => {
            clearInterval(closing);
            resolve();
          });
          closeIdle();
        });
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function listen(server: ReturnType<typeof createServer>, { host, port }: ApiConfig): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? `another process listens there already. Stop it, or set API_PORT to another port.`
          : `${error.message}. Set API_HOST to an address of this machine.`;
      reject(new StartError(`Cannot listen on ${host}:${port}: ${why}`));
    });
    server.listen(port, host, () => {
      const { address, family, port: bound } = server.address() as AddressInfo;
      resolve(`http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`);
    });
  });
}

function readiness({ ready, reason, remedy, own, head, lag }: Readiness): Reply {
  return json(ready ? 200 : 503, {
    ready,
    reason,
    remedy,
    block: own?.indexed?.block.toString() ?? null,
    finalBlock: own?.finalBlock?.toString() ?? null,
    headBlock: head?.block.toString() ?? null,
    headSeenAt: head && isoTime(head.seenAt),
    lag: lag && { blocks: lag.blocks.toString(), seconds: lag.seconds.toString() },
  });
}

const unreadableReasons: Record<string, string> = {
  DATABASE_UNAVAILABLE: 'The database cannot be reached.',
  QUERY_TIMEOUT: 'The database does not answer in time.',
};

function unreadable(error: unknown, log: Logger): Readiness {
  const code = explainDatabaseError(error)?.code;
  if (code === undefined) log.error({ err: error }, 'the status of the index cannot be read');
  const reason = unreadableReasons[code ?? ''] ?? 'The status of the index cannot be read. It is logged.';
  return { own: null, head: null, lag: null, ready: false, reason, remedy: null };
}

function json(status: number, body: object): Reply {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(body)}\n` };
}

function tooLarge(bytes: number): Reply {
  const message = `The request body has ${bytes} bytes; at most ${documentLimits.bodyBytes} are taken.`;
  return json(413, { errors: [{ message, extensions: { code: 'REQUEST_ENTITY_TOO_LARGE' } }] });
}

function html(body: string): Reply {
  return { status: 200, type: 'text/html; charset=utf-8', body };
}

function send(response: ServerResponse, { status, type, body, headers }: Reply): void {
  response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff', ...headers });
  response.end(body);
}

/** @throws StartError when no database of ours is there, within seconds and whatever listens instead. */
async function checkDatabase(url: string): Promise<void> {
  try {
    await checkServer(url);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    // The API only reads.
    if (error.code === 'may-not-create') return;
    throw new StartError(`The database at ${withoutPassword(url)} cannot be used: ${reasonOf(error)}.`);
  }
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/([^:/@]*):[^@]*@/, '//$1:***@');
}

/** In a few words, and without the advice that is only for who may choose the embedded server. */
function reasonOf(error: DatabaseError): string {
  const cause = error.cause instanceof Error ? error.cause.message : undefined;
  switch (error.code) {
    case 'server-unreachable':
      return 'nothing answers there. Check the host and port in DATABASE_URL, and that the server runs';
    case 'not-postgres':
      return 'what answers there is not Postgres. Check the host and port in DATABASE_URL';
    case 'login-refused':
      return 'it refuses this user and password. Check them in DATABASE_URL';
    case 'database-missing':
      return 'there is no such database on it. Check the last part of DATABASE_URL';
    case 'server-too-old':
      return 'it is too old: Postgres 15 or newer is needed';
    default:
      return cause ?? error.message;
  }
}
