import {
  buildSpanIndex,
  encodeSpanIndex,
  openSpanIndex,
  recheckSpans,
  type SpanDocument,
  type SpanIndex,
  spanScores,
  spansOf,
  suffixArray,
  wordBeginnings,
} from '@openledger/gpu-worker/attribution/spans';
import { startingAlgorithm } from '@openledger/protocol/attribution';
import { type Bench, type Figures, round } from './report.ts';
import { answersOf, documentsOf, readTexts, type Texts } from './spans/texts.ts';

const settings = startingAlgorithm.spans;
const tokenizerHash = `0x${'00'.repeat(32)}` as const;
const seed = `0x${'01'.repeat(32)}` as const;

/** As long as the answers of the figures that OLMoTrace publishes: 458 tokens. */
const answerTokens = 458;
const answers = 200;

/**
 * How long it takes to index what a version was trained on, to add a hundredth to it, to open it from its files, and to find
 * an answer's spans with who is paid for them. On one thread. What is found is compared with a search of all places.
 */
export const spans: Bench = {
  name: 'spans',
  flags: ['--quick'],
  async run(flags, progress) {
    const sizes: readonly [name: string, tokens: number][] = flags.has('--quick')
      ? [['100k', 100_000]]
      : [
          ['1m', 1_000_000],
          ['10m', 10_000_000],
        ];
    const texts = await readTexts(sizes.at(-1)![1], progress);
    const figures: Record<string, number> = {};
    for (const [name, tokens] of sizes) {
      progress(`${tokens.toLocaleString('en')} tokens`);
      for (const [figure, value] of Object.entries(await measure(texts, tokens))) figures[`${figure}_${name}`] = value;
    }
    return figures;
  },
};

async function measure(texts: Texts, tokens: number): Promise<Figures> {
  const { vocabSize } = texts.tokenizer;
  const documents = documentsOf(texts.documents, tokens);
  const common = { tokenizerHash, vocabSize };
  const [index, buildMs] = timed(() => buildSpanIndex({ documents, ...common }));
  const [, sortMs] = timed(() => suffixArray(index.segments[0]!.tokens, vocabSize + 1));
  const files = encodeSpanIndex(index);
  const started = performance.now();
  const opened = await openSpanIndex(files.body, async (hash) => files.segments.find((one) => one.hash === hash)?.body);
  const openMs = performance.now() - started;
  const last = documents.at(-1)!.contributionId;
  const added = documentsOf(texts.heldOut, Math.ceil(tokens / 100)).map(({ contributionId, ...rest }) => ({
    contributionId: contributionId + last,
    ...rest,
  }));
  const [, addMs] = timed(() => buildSpanIndex({ documents: [...documents, ...added], ...common, before: opened }));
  return {
    sorted_tokens_per_s: round((1_000 * tokens) / sortMs),
    built_tokens_per_s: round((1_000 * tokens) / buildMs),
    add_a_hundredth_ms: round(addMs),
    open_ms: round(openMs),
    bytes_per_token: round(files.segments.reduce((sum, { body }) => sum + body.length, files.body.length) / tokens, 2),
    ...askAll(opened, texts, documents),
  };
}

const timed = <Result>(act: () => Result): [result: Result, ms: number] => {
  const started = performance.now();
  const result = act();
  return [result, performance.now() - started];
};

function askAll(index: SpanIndex, texts: Texts, documents: readonly SpanDocument[]): Figures {
  const asked = answersOf(
    { documents: documents.map(({ tokens }) => tokens), heldOut: texts.heldOut },
    { count: answers, tokens: answerTokens },
  );
  const times: number[] = [];
  let found = 0;
  for (const [at, answer] of asked.entries()) {
    const begins = wordBeginnings(texts.tokenizer, answer);
    const options = { seed, settings, beginsWord: (place: number) => begins[place] === 1 };
    const [spans, ms] = timed(() => {
      const spans = spansOf(index, answer, options);
      spanScores(index, spans, { answerTokens: answer.length });
      return spans;
    });
    times.push(ms);
    found += spans.length;
    const [wrong] = recheckSpans(index, spans, { seed, settings, answerTokens: answer.length });
    if (wrong !== undefined) throw new Error(`Answer ${at}: ${wrong}`);
    if (at === 0) compareWithSearch(spans, documents);
  }
  times.sort((a, b) => a - b);
  return {
    spans_of_an_answer: round(found / answers, 1),
    answer_p50_ms: round(times[Math.floor(answers / 2)]!, 2),
    answer_p99_ms: round(times[Math.floor(answers * 0.99)]!, 2),
  };
}

/** @throws Error for a span that another number of documents hold than all places of all documents tell. */
function compareWithSearch(spans: ReturnType<typeof spansOf>, documents: readonly SpanDocument[]): void {
  for (const { tokens, frequency } of spans) {
    const holders = documents.filter((document) => holds(document.tokens, tokens));
    const different = new Set(holders.map((document) => document.tokens.join())).size;
    const expected = Math.min(different, settings.mostFrequent + 1);
    if (frequency !== expected) throw new Error(`${frequency} documents hold ${tokens.join(' ')}; ${expected} do`);
  }
}

const holds = (text: Uint32Array, passage: readonly number[]): boolean => {
  for (let at = text.indexOf(passage[0]!); at >= 0; at = text.indexOf(passage[0]!, at + 1)) {
    if (passage.every((token, offset) => text[at + offset] === token)) return true;
  }
  return false;
};
