import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Sql } from 'postgres';
import type { Metric } from '../analytics/catalogue.ts';
import type { Services } from '../context.ts';
import { userError } from '../errors.ts';
import type { Guard } from '../guard/guard.ts';
import { isoTime } from '../time.ts';
import { tableExports } from './catalogue.ts';
import type { ExportColumn, Row } from './columns.ts';
import { formats, type Provenance } from './formats.ts';
import { COST, ROWS_PER_COST, rowLimits, STALL_MS } from './limits.ts';
import { listing } from './listing.ts';
import { metricColumns, metricOf, metricRows } from './metric.ts';
import { type Refusal, refusalOf } from './refusal.ts';
import { type ExportRequest, readRequest } from './request.ts';
import { openSnapshot } from './snapshot.ts';
import { tableQuery } from './table.ts';
import { createExportTurns } from './turns.ts';

type Options = {
  readonly services: Services;
  readonly guard: Pick<Guard, 'admit' | 'read' | 'headers'>;
  /** A pool of its own, with a connection for each export and one more. */
  readonly sql: Sql;
};

/** A file about to be sent. */
type Download = {
  readonly columns: readonly ExportColumn[];
  readonly count: number;
  readonly batches: () => AsyncIterable<readonly Row[]>;
  readonly provenance: Provenance;
  /** Undefined where the answer can change without a block. */
  readonly etag: string | undefined;
  readonly close: () => Promise<void>;
};

/** Serves `/export` and everything under it. */
export function createExports({ services, guard, sql }: Options) {
  const inTurn = createExportTurns();

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (request.method === 'OPTIONS') return response.writeHead(204, preflight).end();
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return refuse(response, {
        status: 405,
        code: 'BAD_USER_INPUT',
        message: `${url.pathname} takes GET and HEAD only.`,
      });
    }
    const halt = await services.readHalt();
    if (halt) throw userError('INDEX_HALTED', `${halt.reason} ${halt.remedy}`);
    if (url.pathname === '/export') return sendListing(response);

    const visitor = await guard.admit(arrivalOf(request));
    const asked = readRequest(url);
    guard.read(visitor, COST);
    await inTurn(visitor.key, async () => {
      const gone = new AbortController();
      const leave = () => gone.abort();
      response.once('close', leave);
      let download: Download | undefined;
      try {
        download = await prepare(asked, services, sql, rowLimits[visitor.caller.kind], gone.signal);
        const rows = download.count;
        const pay = () => void guard.read(visitor, Math.ceil(rows / ROWS_PER_COST));
        if (!gone.signal.aborted) await send(asked, download, request, response, pay, () => guard.headers(visitor));
      } finally {
        response.off('close', leave);
        await download?.close();
      }
    });
  };

  return {
    handle: (request: IncomingMessage, response: ServerResponse): Promise<void> =>
      answer(request, response).then(
        () => {},
        (error: unknown) => {
          // Whoever left, or got half a file, learns it by the connection's end.
          if (response.headersSent || response.destroyed) response.destroy();
          else refuse(response, refusalOf(error, services.log));
        },
      ),
  };
}

/** A cookie says nothing here: a browser sends it along wherever a link leads, and the header is for who wants more rows. */
function arrivalOf({ method = 'GET', headers, socket }: IncomingMessage) {
  const passed = new Headers();
  for (const name of ['authorization', 'x-forwarded-for', 'origin'] as const) {
    const value = headers[name];
    if (value !== undefined) passed.set(name, String(value));
  }
  return { method, headers: passed, peer: socket.remoteAddress };
}

async function prepare(
  asked: ExportRequest,
  services: Services,
  sql: Sql,
  mostRows: number,
  gone: AbortSignal,
): Promise<Download> {
  const { name, format, parameters } = asked;
  const { chainId } = services.deployment;
  const of = (at: { block: bigint; timestamp: bigint }) => ({
    export: name,
    chain: chainId.toString(),
    block: at.block.toString(),
    blockTimestamp: isoTime(at.timestamp),
  });
  const etagOf = (state: string) =>
    `"${createHash('sha256').update(`${services.genesisHash} ${state} ${name} ${format} ${parameters.canonical}`).digest('base64url').slice(0, 27)}"`;

  if (name.startsWith('metrics/')) {
    const series = await metricOf(name.slice('metrics/'.length), parameters, services);
    const rows = metricRows(series);
    const { offChain }: Metric = series.metric;
    return {
      columns: metricColumns,
      count: rows.length,
      batches: async function* () {
        yield rows;
      },
      provenance: of(series),
      // The rows tell two blocks of the same number apart.
      etag: offChain ? undefined : etagOf(`${series.block} ${JSON.stringify(rows)}`),
      close: async () => {},
    };
  }

  if (!Object.hasOwn(tableExports, name)) {
    throw userError(
      'NOT_FOUND',
      `There is no export ${name}: there are ${Object.keys(tableExports).join(', ')}, and metrics/<NAME>.`,
    );
  }
  const query = tableQuery(tableExports[name]!, parameters);
  const snapshot = await openSnapshot(sql, chainId);
  gone.addEventListener('abort', () => void snapshot.cancel().catch(() => {}));
  try {
    const count = await snapshot.count(query.count(mostRows + 1), query.values);
    if (count > mostRows) {
      throw userError(
        'BUDGET_EXCEEDED',
        `This export has more than ${mostRows} rows, the most that are given to you at once. Narrow it with from and to, take the first rows with limit, or ask with an API key, which is given ${rowLimits.key}.`,
      );
    }
    return {
      columns: query.columns,
      count,
      batches: () => snapshot.rows(query.select, query.values),
      provenance: of(snapshot.at),
      etag: etagOf(snapshot.tag),
      close: snapshot.close,
    };
  } catch (error) {
    await snapshot.close();
    throw error;
  }
}

async function send(
  { name, format }: ExportRequest,
  { columns, count, batches, provenance, etag }: Download,
  request: IncomingMessage,
  response: ServerResponse,
  pay: () => void,
  budget: () => Record<string, string>,
): Promise<void> {
  const { type, encoder } = formats[format];
  const headers = {
    ...shared,
    ...(etag !== undefined && { etag }),
    'x-openledger-chain': provenance.chain!,
    'x-openledger-block': provenance.block!,
    'x-openledger-block-timestamp': provenance.blockTimestamp!,
    'x-openledger-rows': String(count),
  };
  const known = (request.headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (etag !== undefined && (known.includes(etag) || known.includes('*'))) {
    response.writeHead(304, { ...headers, ...budget() }).end();
    return;
  }
  if (request.method === 'GET') pay();
  response.writeHead(200, {
    ...headers,
    ...budget(),
    'content-type': type,
    'content-disposition': `attachment; filename="${name.replaceAll('/', '-')}-${provenance.block}.${format}"`,
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  response.setTimeout(STALL_MS, () => response.destroy());
  const { start, rows, end } = encoder(columns, provenance);
  const bytes = async function* () {
    yield start();
    for await (const batch of batches()) {
      const part = rows(batch);
      if (part.length > 0) yield part;
    }
    const rest = end();
    if (rest.length > 0) yield rest;
  };
  await pipeline(Readable.from(bytes(), { objectMode: false }), response);
}

/** Anyone may read, from any site. */
const shared = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'etag, content-disposition, ratelimit, ratelimit-policy, x-openledger-chain, x-openledger-block, x-openledger-block-timestamp, x-openledger-rows',
  'cache-control': 'no-cache',
  vary: 'authorization',
  'x-content-type-options': 'nosniff',
};
const preflight = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD',
  'access-control-allow-headers': 'authorization, if-none-match',
  'access-control-max-age': '86400',
};

function sendListing(response: ServerResponse): void {
  response.writeHead(200, { ...shared, 'content-type': 'application/json; charset=utf-8' });
  response.end(`${JSON.stringify(listing(), null, 2)}\n`);
}

function refuse(response: ServerResponse, { status, code, message, headers }: Refusal): void {
  response.writeHead(status, { ...shared, ...headers, 'content-type': 'application/json; charset=utf-8' });
  response.end(`${JSON.stringify({ error: message, code })}\n`);
}
