import type { IncomingMessage, ServerResponse } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import { routePath } from 'hono/route';
import type { Logger } from 'pino';
import type { Engine } from '../engine.ts';
import { VOUCHER } from '../payments/voucherHeader.ts';
import type { Retriever } from '../retrieval/index.ts';
import type { AdapterStore } from '../served.ts';
import type { Caller, Usage } from '../usage/usage.ts';
import type { Access } from './access.ts';
import { startAnswer } from './answering.ts';
import { REQUEST_ID, streamAnswer, wholeAnswer } from './answers.ts';
import { ApiError, invalid } from './apiError.ts';
import { type FindPassages, readChat } from './asked/chat.ts';
import { readCompletion } from './asked/completion.ts';
import { readEmbedding } from './asked/embedding.ts';
import type { Question } from './asked/question.ts';
import type { Attributions } from './attributions.ts';
import { readJson } from './body.ts';
import { allowPages } from './cors.ts';
import { embed } from './embedding.ts';
import { errorOf } from './errorOf.ts';
import type { Flights } from './flights.ts';
import type { Language } from './language.ts';
import type { DoorMetrics } from './metrics.ts';
import type { ReceiptReader } from './receipts.ts';
import { chatShape } from './shown/chat.ts';
import { completionShape } from './shown/completion.ts';
import type { Shape } from './shown/shape.ts';
import type { Targets } from './targets.ts';
import { whileConnected } from './whileConnected.ts';

export type DoorOptions = {
  readonly engine: Engine;
  readonly store: AdapterStore;
  readonly usage: Usage;
  readonly language: Language;
  readonly targets: Targets;
  readonly access: Access;
  readonly flights: Flights;
  readonly metrics: DoorMetrics;
  readonly receipts: ReceiptReader;
  readonly attributions: Attributions;
  readonly retriever: Retriever;
  readonly log: Logger;
  /** Why requests are not taken now; undefined while they are. */
  readonly notReady: () => string | undefined;
  /** What `/ready` says beside: what goes on behind answers, and what of it waits. */
  readonly standing: () => object;
  /** Milliseconds that a reader may take to read what was sent. */
  readonly patience: number;
};

/** The HTTP server's own objects are at hand. */
export type Door = { Bindings: { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse } };
type Asked = Context<Door>;

/** The OpenAI API over an engine. */
export const createDoor = (options: DoorOptions): Hono<Door> => {
  const {
    engine,
    language,
    targets,
    access,
    flights,
    metrics,
    receipts,
    attributions,
    retriever,
    log,
    notReady,
    standing,
    patience,
  } = options;
  const app = new Hono<Door>();
  const explain = (error: unknown): ApiError => errorOf(error, (err) => log.error({ err }, 'a request failed'));

  const callerOf = (c: Asked): Promise<Caller> =>
    access({ authorization: c.req.header('authorization'), voucher: c.req.header(VOUCHER) });

  const findFor =
    (caller: Caller): FindPassages =>
    (model, wish) => {
      const { name, modelId, version } = targets.find(model, caller);
      return retriever({ ...wish, model: name, modelId, version, payer: caller.payer });
    };

  const answer = (read: (body: unknown, caller: Caller) => Promise<Question>, shape: Shape) => async (c: Asked) => {
    const signal = whileConnected(c.env.outgoing);
    flights.check();
    const caller = await callerOf(c);
    const body = await readJson(c.env.incoming);
    if (!engine.info.generates)
      throw invalid('This base writes no texts; it gives embeddings: ask /v1/embeddings.', 'model');
    const question = await read(body, caller);
    const target = targets.find(question.model, caller);
    const answering = await startAnswer(options, { question, target, caller, signal });
    if (!question.isStreamed) {
      const whole = await wholeAnswer(answering, shape, attributions);
      return c.json(whole, 200, { [REQUEST_ID]: answering.running.requestId });
    }
    const { outgoing } = c.env;
    await streamAnswer(answering, shape, outgoing, {
      patience,
      attributions,
      explain: (error) => explain(error).body,
    });
    return RESPONSE_ALREADY_SENT;
  };

  app.use(async (c, next) => {
    if (allowPages(c.env.incoming, c.env.outgoing)) return c.body(null, 204);
    await next();
    metrics.sawReply(routePath(c, -1), c.res.status);
  });
  app.get('/health', (c) => c.json({ status: 'ok' }));
  app.get('/ready', (c) => {
    const reason = notReady();
    const said = { ready: reason === undefined, reason: reason ?? null, ...standing() };
    return c.json(said, reason === undefined ? 200 : 503);
  });
  app.get('/metrics', async (c) => c.text(await metrics.scrape(), 200, { 'content-type': metrics.contentType }));
  app.get('/v1/models', async (c) => c.json({ object: 'list', data: targets.list(await callerOf(c)) }));
  app.get('/v1/models/:name{.+}', async (c) => c.json(targets.show(c.req.param('name'), await callerOf(c))));
  app.post(
    '/v1/chat/completions',
    answer((body, caller) => readChat(body, { language, info: engine.info, find: findFor(caller) }), chatShape),
  );
  app.post(
    '/v1/completions',
    answer(async (body) => readCompletion(body, language, engine.info), completionShape),
  );
  app.post('/v1/embeddings', async (c) => {
    const signal = whileConnected(c.env.outgoing);
    flights.check();
    const caller = await callerOf(c);
    const body = await readJson(c.env.incoming);
    if (!engine.info.embeds) throw invalid('This base gives no embeddings; it writes texts.', 'model');
    const question = readEmbedding(body, language, engine.info);
    const target = targets.find(question.model, caller);
    const { requestId, shown } = await embed(options, { question, target, caller, signal });
    return c.json(shown, 200, { [REQUEST_ID]: requestId });
  });
  app.get('/v1/receipts/:requestId', async (c) =>
    c.body(await receipts.read(c.req.param('requestId'), await callerOf(c)), 200, {
      'content-type': 'application/json',
    }),
  );

  app.notFound((c) => {
    const message = `There is nothing at ${c.req.method} ${c.req.path}. See docs/serving.md for what there is.`;
    return reply(c, new ApiError(message, { status: 404, type: 'invalid_request_error', code: 'unknown_url' }));
  });
  app.onError((error, c) => reply(c, explain(error)));
  return app;
};

const reply = (c: Asked, { status, body, retryAfter }: ApiError): Response => {
  // What of the request was not read would be taken for the next one.
  if (!c.env.incoming.complete) c.header('connection', 'close');
  if (retryAfter !== undefined) c.header('retry-after', `${retryAfter}`);
  return c.json(body, status);
};
