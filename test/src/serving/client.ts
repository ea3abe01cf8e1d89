import type { Random } from '@openledger/gpu-worker/factory';

/** How somebody asks. */
export type Manner = 'streaming' | 'whole' | 'slow' | 'leaving' | 'gone';

/** How a request ended for whoever asked. */
export type End = {
  readonly manner: Manner;
  readonly model: string;
  /**
   * `answered`: to its end. `refused`: there was no room. `failed`: a clear error. `left`: by whoever asked. `cut`: the
   * connection broke. `unclear`: none of these, which nobody should see.
   */
  readonly kind: 'answered' | 'refused' | 'failed' | 'left' | 'cut' | 'unclear';
  /** By the worker, once it told. */
  readonly requestId?: string;
  readonly status?: number;
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number };
  /** Where it is unclear. */
  readonly detail?: string;
};

export type Question = {
  readonly model: string;
  readonly prompt: string;
  readonly maxTokens: number;
  readonly manner: Manner;
};

const manners: readonly [Manner, number][] = [
  ['streaming', 0.5],
  ['whole', 0.25],
  ['leaving', 0.12],
  ['gone', 0.05],
  ['slow', 0.08],
];

export const drawManner = (random: Random): Manner => {
  let left = random.next();
  for (const [manner, share] of manners) {
    left -= share;
    if (left < 0) return manner;
  }
  return 'streaming';
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks a worker once, with the plain fetch. Never throws. */
export const ask = async (url: string, question: Question, random: Random): Promise<End> => {
  const { model, prompt, maxTokens, manner } = question;
  const leaving = new AbortController();
  const seen: { requestId?: string; status?: number } = {};
  const end = (kind: End['kind'], more: Partial<End> = {}): End => ({ manner, model, kind, ...seen, ...more });
  // Some go before they hear anything at all.
  const timer = manner === 'gone' ? setTimeout(() => leaving.abort(), random.below(60)) : undefined;
  try {
    const stream = manner === 'whole' ? {} : { stream: true, stream_options: { include_usage: true } };
    const response = await fetch(`${url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model, prompt, max_tokens: maxTokens, seed: random.below(1_000), ...stream }),
      signal: leaving.signal,
    });
    const requestId = response.headers.get('OpenLedger-Request-Id');
    if (requestId !== null) seen.requestId = requestId;
    seen.status = response.status;
    if (!response.ok) return await refusal(response, end);
    if (manner === 'whole') {
      const { usage, choices } = await response.json();
      return choices?.[0]?.finish_reason ? end('answered', { usage }) : end('unclear', { detail: 'no finish_reason' });
    }
    return await read(response, question, { leaving, end, random });
  } catch (error) {
    if (leaving.signal.aborted) return end('left');
    return end('cut', { detail: String(error) });
  } finally {
    clearTimeout(timer);
  }
};

type Ending = (kind: End['kind'], more?: Partial<End>) => End;

const refusal = async (response: Response, end: Ending): Promise<End> => {
  const body = await response.text();
  const { error } = JSON.parse(body);
  if (typeof error?.message !== 'string' || error.message === '') return end('unclear', { detail: body });
  if (response.status !== 429) return end('failed', { detail: error.message });
  const after = Number(response.headers.get('retry-after'));
  return after >= 1 ? end('refused') : end('unclear', { detail: '429 without Retry-After' });
};

const read = async (
  response: Response,
  { manner }: Question,
  { leaving, end, random }: { leaving: AbortController; end: Ending; random: Random },
): Promise<End> => {
  const leaveAfter = manner === 'leaving' ? random.below(6) : undefined;
  let [events, rest, usage]: [number, string, End['usage']] = [0, '', undefined];
  let [isFinished, failure]: [boolean, string | undefined] = [false, undefined];
  for await (const bytes of response.body!.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + bytes).split('\n\n');
    rest = lines.pop()!;
    for (const line of lines) {
      if (!line.startsWith('data: ')) continue;
      const data = line.slice('data: '.length);
      if (data === '[DONE]')
        return isFinished ? end('answered', usage && { usage }) : end('unclear', { detail: 'no end' });
      const event = JSON.parse(data);
      if (event.error !== undefined) failure = event.error.message;
      if (event.usage) usage = event.usage;
      if (event.choices?.[0]?.finish_reason) isFinished = true;
      if (leaveAfter === events++) leaving.abort();
    }
    if (manner === 'slow') await pause(20 + random.below(80));
  }
  if (failure !== undefined) return end('failed', { detail: failure });
  return end('cut', { detail: 'the stream ended without [DONE]' });
};
