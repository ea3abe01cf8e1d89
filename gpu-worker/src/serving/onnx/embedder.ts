import type { Hex } from '@openledger/protocol';
import { createBusy } from '../busy.ts';
import { type EmbedRequest, OverloadedError, RequestError } from '../engine.ts';
import { createAdmission } from '../queue/admission.ts';
import { createQueue } from '../queue/queue.ts';
import type { Encoder } from './encoder/index.ts';
import type { Event, Work } from './work.ts';

/** A request that waits, with its adapter from the beginning. */
type Asked = { readonly request: EmbedRequest; readonly adapter: Float32Array | undefined };

export type EmbedderOptions = { readonly encoder: Encoder; readonly maxWaiting: number };

/** Makes vectors with an encoder, one request after another. */
export const createEmbedder = ({ encoder, maxWaiting }: EmbedderOptions): Work<EmbedRequest> => {
  const queue = createQueue<Asked>();
  const admission = createAdmission({ maxWaiting });
  const busy = createBusy();
  const adapters = new Map<Hex, Float32Array>();
  let running: { readonly asked: Asked; readonly stop: AbortController } | undefined;
  let promptTokens = 0;
  const free = () => (running === undefined ? 1 : 0);

  const embed = async (asked: Asked, signal: AbortSignal): Promise<Event> => {
    const { id, inputs } = asked.request;
    try {
      const vectors = await encoder.embed(inputs, { adapter: asked.adapter, signal });
      const tokens = inputs.reduce((sum, { length }) => sum + length, 0);
      promptTokens += tokens;
      queue.charge(asked, tokens);
      return { id, vectors };
    } catch (error) {
      // What was aborted is not waited for; whatever is wrong with one request is no fault of the engine.
      if (error instanceof RequestError || signal.aborted) return { id, error: error as Error };
      throw error;
    }
  };
  return {
    submit: (request) => {
      const adapter = request.adapter === undefined ? undefined : adapters.get(request.adapter);
      if (request.adapter !== undefined && adapter === undefined) {
        throw new RequestError(`The adapter ${request.adapter} is not loaded`, 'model');
      }
      if (admission.room({ free: free(), waiting: queue.length() }) < 1) {
        throw new OverloadedError(`${queue.length()} requests wait: try again later`, 1);
      }
      queue.push({ request, adapter });
    },
    abort: (id) => {
      queue.remove(id);
      if (running?.asked.request.id === id) running.stop.abort();
    },
    load: (hash, adapter) => {
      adapters.set(hash, adapter);
    },
    unload: (hash) => {
      adapters.delete(hash);
    },
    hasWork: () => queue.length() > 0,
    step: () =>
      busy.during(async () => {
        const asked = queue.take();
        if (asked === undefined) return [];
        const stop = new AbortController();
        running = { asked, stop };
        admission.see({ free: free(), waiting: queue.length() });
        const event = await embed(asked, stop.signal);
        running = undefined;
        return [event];
      }),
    status: () => ({
      running: running === undefined ? 0 : 1,
      waiting: queue.length(),
      room: admission.room({ free: free(), waiting: queue.length() }),
      cacheUsage: 0,
      busyRatio: busy.ratio(),
      promptTokens,
      ...{ generatedTokens: 0, swaps: 0, swapMs: 0, swapsSaved: 0 },
      runningAdapters: running?.asked.request.adapter === undefined ? [] : [running.asked.request.adapter],
      waitingAdapters: [...new Set(queue.all().flatMap(({ request }) => request.adapter ?? []))],
      loaded: [...adapters.keys()],
    }),
  };
};
