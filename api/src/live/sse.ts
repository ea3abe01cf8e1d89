import type { ServerResponse } from 'node:http';
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  locatedError,
  type SubscriptionArgs,
} from 'graphql';
import type { FetchAPI, Plugin } from 'graphql-yoga';
import type { ApiContext } from '../context.ts';
import { userError } from '../errors.ts';
import { payerOfRequest } from '../guard/admission.ts';
import type { Places } from './places.ts';
import { MAX_QUEUE, SlowConsumerError } from './subscriber.ts';

/** What a subscription's resolver has beyond the rest of the context. */
export type StreamContext = ApiContext & {
  readonly stream: {
    /** Aborted when the client is gone. */
    readonly signal: AbortSignal;
    /** To be called when the client takes messages more slowly than they come. */
    readonly overflow: () => void;
    /** What a browser's EventSource has received last; it asks again with the same query. */
    readonly lastEventId: string | null;
  };
};

/** A comment is sent this often while nothing happens, so that nobody on the way takes the connection for dead. */
export const HEARTBEAT_MS = 12_000;
/** A client that was too slow has this long to take the message that says so. */
const GRACE_MS = 2000;

/** The cursor of a result, which spreading keeps and JSON leaves out. */
const CURSOR = Symbol('cursor');
type Sent = ExecutionResult & { [CURSOR]?: string };

type Options = {
  readonly places: Places;
  /** Pays for a message, and waits until it is paid. */
  readonly pay: (request: Request, signal: AbortSignal) => Promise<void>;
  readonly heartbeatMs?: number;
};

/** Subscriptions over server-sent events: one connection each, events with ids, each run as a request of its own. */
export function useLive({ places, pay, heartbeatMs = HEARTBEAT_MS }: Options): Plugin {
  return {
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn((args: SubscriptionArgs) => subscribe(args, places, pay));
    },
    onResultProcess({ result, resultProcessor, setResultProcessor }) {
      if (Symbol.asyncIterator in result && resultProcessor) {
        setResultProcessor(processorOf(heartbeatMs) as typeof resultProcessor, 'text/event-stream');
      }
    },
  };
}

/** graphql-js' own runs all events of a subscription in one context, whose caches would keep what rows once were. */
async function subscribe(
  args: SubscriptionArgs,
  places: Places,
  pay: Options['pay'],
): Promise<AsyncIterable<Sent> | ExecutionResult> {
  const base = args.contextValue as ApiContext & { readonly res?: ServerResponse };
  const { caller, request } = base;
  const abort = new AbortController();
  let release: () => void;
  try {
    release = places.take(payerOfRequest(request), caller.kind === 'anonymous' ? 'anonymous' : 'account');
  } catch (error) {
    return { errors: [error as GraphQLError] };
  }
  const stream = {
    signal: abort.signal,
    overflow: () => void setTimeout(() => base.res?.destroy(), GRACE_MS).unref(),
    lastEventId: request.headers.get('last-event-id'),
  };
  const contextOf = () => ({ ...base, stream });
  let source: Awaited<ReturnType<typeof createSourceEventStream>>;
  try {
    source = await createSourceEventStream({ ...args, contextValue: contextOf() });
  } catch (error) {
    release();
    throw error;
  }
  if (!(Symbol.asyncIterator in source)) {
    release();
    return source;
  }
  const events = source[Symbol.asyncIterator]();
  let ended = false;
  const end = () => {
    ended = true;
    release();
  };
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        if (ended) return { done: true, value: undefined };
        try {
          const event = await events.next();
          if (event.done) {
            end();
            return { done: true, value: undefined };
          }
          await pay(request, abort.signal);
          const result: Sent = await execute({
            ...args,
            rootValue: event.value,
            contextValue: contextOf(),
          } as ExecutionArgs);
          const { cursor } = event.value as { cursor: string };
          return { done: false, value: { ...result, [CURSOR]: cursor } };
        } catch (error) {
          end();
          return { done: false, value: { errors: [asGraphQLError(error)] } };
        }
      },
      return: async () => {
        end();
        abort.abort();
        void events.return?.();
        return { done: true, value: undefined };
      },
    }),
  } as AsyncIterable<Sent>;
}

function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof SlowConsumerError) {
    return userError(
      'SLOW_CONSUMER',
      `More than ${MAX_QUEUE} messages waited to be taken: subscribe again with the last cursor as "after", and take them faster or ask for fewer.`,
    );
  }
  return error instanceof GraphQLError ? error : locatedError(error, undefined);
}

/** https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverSSE.md, distinct connections mode. */
function processorOf(heartbeatMs: number) {
  return (result: AsyncIterable<Sent>, { ReadableStream, Response, TextEncoder }: FetchAPI): globalThis.Response => {
    const encoder = new TextEncoder();
    const events = result[Symbol.asyncIterator]();
    let heart: NodeJS.Timeout | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        const beat = () => (controller.desiredSize ?? 0) > 0 && controller.enqueue(encoder.encode(':\n\n'));
        beat();
        heart = setInterval(beat, heartbeatMs);
      },
      pull: async (controller) => {
        const { done, value } = await events.next();
        if (!done) {
          const id = value[CURSOR] === undefined ? '' : `id: ${value[CURSOR]}\n`;
          controller.enqueue(encoder.encode(`event: next\n${id}data: ${JSON.stringify(value)}\n\n`));
          return;
        }
        clearInterval(heart);
        controller.enqueue(encoder.encode('event: complete\ndata:\n\n'));
        controller.close();
      },
      cancel: async () => {
        clearInterval(heart);
        await events.return?.();
      },
    });
    return new Response(body, {
      headers: {
        'content-type': 'text/event-stream',
        'cache-control': 'no-cache',
        // Proxies such as nginx would hold events back until a buffer is full.
        'x-accel-buffering': 'no',
      },
    });
  };
}
