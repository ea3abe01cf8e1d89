import { canonicalJson, type Hex, type UnsignedReceipt } from '@openledger/protocol';
import type { Algorithm, Evidence } from '@openledger/protocol/attribution';
import {
  type AnsweredRequest,
  type EvidenceOptions,
  evidenceScores,
  influenceEvidence,
  receiptOf,
  seedOf,
} from '../../attribution/receipts/index.ts';
import { type KindScores, kinds, sumOf } from '../../attribution/shares/index.ts';
import { spansOf, wordBeginnings } from '../../attribution/spans/index.ts';
import type { VersionData } from '../../attribution/version/index.ts';
import type { Tokenizer } from '../../tokenizer/index.ts';
import type { Answered } from './answered.ts';
import type { Helped } from './passageWorths.ts';
import { layOut, type Part, type Written } from './written.ts';

/** What a passage of an answer drew on. */
export type ExplainedPart = {
  readonly from: number;
  readonly until: number;
  readonly drewOn: readonly {
    readonly kind: (typeof kinds)[number];
    readonly contributionId: bigint;
    /** Of the kind's evidence in this passage, rounded down. */
    readonly weightPpm: number;
  }[];
};

export type Attribution = {
  readonly receipt: UnsignedReceipt;
  /** Canonical JSON, whose hash the receipt has. */
  readonly evidence: string;
  /** The whole answer, then its sentences. */
  readonly parts: readonly ExplainedPart[];
};

export type AttributeOptions = {
  readonly request: AnsweredRequest;
  readonly answered: Answered;
  readonly version: VersionData;
  readonly algorithm: Algorithm;
  readonly tokenizer: Pick<Tokenizer, 'bytesOf'>;
  /** The token that ends an answer. */
  readonly border: number;
  readonly score: NonNullable<EvidenceOptions['score']>;
  /** φ of the tokens from `from` on, given all before them. */
  readonly gradientOf: (row: { readonly ids: readonly number[]; readonly from: number }) => Promise<Float32Array>;
  /** What the passages are worth that the model was given. */
  readonly worthsOf: (helped: Helped, seed: Hex) => Promise<Evidence['retrieval']>;
  /** Sentences that are looked at apart, at most; 0 for the whole answer only. */
  readonly mostParts: number;
};

/** Contributions of a kind that a passage's explanation names. */
const mostNamed = 64;

/**
 * What an answer drew on: the evidence, the receipt that follows from it, and the same for each sentence. The whole answer's
 * gradient is one backward pass; of several answers to one request, the sum. A request's answers without a text draw on nobody.
 */
export const attribute = async (options: AttributeOptions): Promise<Attribution> => {
  const { request, answered, version, algorithm, tokenizer, border, mostParts } = options;
  const written = layOut(answered, { tokenizer, border, mostParts: Math.max(1, mostParts) });
  const { tokens, length, rows } = written;
  const isWord = wordBeginnings(tokenizer, tokens);
  const said = rows.filter(({ ids }) => ids.length > 0);
  const isInfluenced = length > 0 && said.length > 0;
  const gradients: Float32Array[] = [];
  if (isInfluenced) {
    for (const { prompt, ids } of said) {
      gradients.push(await options.gradientOf({ ids: [...prompt, ...ids], from: prompt.length }));
    }
  }
  const { retrieval } = answered;
  const isHelped = retrieval !== undefined && said.length > 0;
  const seed = seedOf(request.requestId);
  const worths = isHelped ? await options.worthsOf({ ...answered, retrieval }, seed) : undefined;
  const evidence: Evidence = {
    schema: 'openledger.evidence/1',
    requestId: request.requestId,
    ...(isInfluenced && { influence: influenceEvidence(sumOfAll(gradients), version.whitening) }),
    answerTokens: tokens.length,
    spans: spansOf(version.spans, tokens, {
      seed,
      settings: algorithm.spans,
      beginsWord: (place) => isWord[place] === 1,
    }).map((span) => ({ ...span, tokens: [...span.tokens], documents: [...span.documents] })),
    ...(worths && { retrieval: worths }),
  };
  const given = { version, algorithm, score: options.score };
  const receipt = await receiptOf({ ...given, request, evidence });
  const whole = { from: 0, until: length, drewOn: drewOn(await evidenceScores(evidence, given)) };
  const parts = [whole];
  if (mostParts > 0 && written.parts.length > 1) {
    for (const part of written.parts) parts.push(await explain(part, { ...options, written, evidence }));
  }
  return { receipt, evidence: canonicalJson(evidence), parts };
};

const explain = async (
  { from, until, first, end }: Part,
  options: AttributeOptions & { readonly written: Written; readonly evidence: Evidence },
): Promise<ExplainedPart> => {
  const { version, algorithm, evidence, written, score } = options;
  let influence: Evidence['influence'];
  if (end > first) {
    const { prompt, ids, offset } = written.rows.findLast((row) => row.offset <= first)!;
    const row = { ids: [...prompt, ...ids.slice(0, end - offset)], from: prompt.length + first - offset };
    influence = influenceEvidence(await options.gradientOf(row), version.whitening);
  }
  const scores = await evidenceScores(
    { answerTokens: evidence.answerTokens, spans: evidence.spans, ...(influence && { influence }) },
    { version, algorithm, score, within: { from: first, to: end } },
  );
  return { from, until, drewOn: drewOn(scores) };
};

const drewOn = (scores: KindScores): ExplainedPart['drewOn'] =>
  kinds.flatMap((kind) => {
    const of = scores[kind] ?? new Map<bigint, bigint>();
    const sum = sumOf(of);
    return [...of]
      .sort(([a, one], [b, other]) => (one === other ? Number(a > b) - Number(a < b) : one < other ? 1 : -1))
      .slice(0, mostNamed)
      .map(([contributionId, score]) => ({ kind, contributionId, weightPpm: Number((score * 1_000_000n) / sum) }));
  });

const sumOfAll = (vectors: readonly Float32Array[]): Float64Array => {
  const sum = new Float64Array(vectors[0]!.length);
  for (const vector of vectors) for (const [at, value] of vector.entries()) sum[at]! += value;
  return sum;
};
