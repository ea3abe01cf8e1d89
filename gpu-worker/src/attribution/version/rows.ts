import { FactoryError, ignored, padExamples, type Rows, rowCount } from '../../factory/index.ts';
import type { Tokenizer } from '../../tokenizer/index.ts';
import { VersionError } from './errors.ts';
import { exampleOf } from './examples.ts';
import { linesOf, type Text, textsOf } from './texts.ts';

/** A contribution to learn from. */
export type Body = {
  readonly contributionId: bigint;
  /** UTF-8, as it was contributed. */
  readonly body: string;
};

/** What contributions are to a training: which rows they give, and whose each is. */
export type OwnedRows = {
  readonly rows: Rows;
  /** The contribution of each row. */
  readonly contributions: readonly bigint[];
  /** What is answered, or the text itself, of each document: tokens without special ones, whole. */
  readonly documents: readonly OwnedDocument[];
};

export type OwnedDocument = { readonly contributionId: bigint; readonly tokens: Uint32Array };

export type RowOptions = {
  readonly tokenizer: Tokenizer;
  /** Tokens of a row, 2 at least. */
  readonly sequence: number;
  /** Of a contribution with more texts, so many at equal distances stand for all. */
  readonly mostTexts?: number;
};

/**
 * Training rows, each of one contribution: a pure function of what is public, so that whoever has the contributions has the rows.
 *
 * Contributions ascending by id; of each, its texts in their order. A text that something can be asked about is learned as
 * `Question: …\nAnswer:` and its answer, tokenised apart as they are when a model is asked, any other as it is; the end token
 * follows. What is longer than a row goes on in the next one, which begins with the token that ends the one before, so that
 * each token is predicted once. No loss is counted for the question.
 *
 * @throws VersionError for a contribution that is there twice, or a tokenizer without an end token.
 */
export const rowsOf = (bodies: readonly Body[], { tokenizer, sequence, mostTexts }: RowOptions): OwnedRows => {
  const separator = tokenizer.special.end;
  if (separator === undefined) throw new VersionError('The tokenizer names no end token; rows end with it');
  if (sequence < 2) throw new FactoryError(`A row of ${sequence} tokens predicts nothing; 2 are the least`);
  const examples: { ids: readonly number[]; prompt: number }[] = [];
  const contributions: bigint[] = [];
  const documents: OwnedDocument[] = [];
  for (const { contributionId, body } of ascending(bodies)) {
    for (const text of taken(textsOf(body), mostTexts)) {
      const { prompt, ids, tokens } = tokensOf(text, tokenizer);
      if (tokens.length === 0) continue;
      documents.push({ contributionId, tokens: Uint32Array.from(tokens) });
      for (const piece of cut([...ids, separator], prompt, sequence)) {
        examples.push(piece);
        contributions.push(contributionId);
      }
    }
  }
  return { rows: padExamples(examples, { sequence, separator }), contributions, documents };
};

/** The bodies without the texts that `rowsOf` takes of them: of the same hands, and never learned from. */
export const leftOf = (bodies: readonly Body[], mostTexts: number): readonly Body[] =>
  bodies.flatMap(({ contributionId, body }) => {
    const lines = linesOf(body);
    const learned = new Set(taken(lines, mostTexts));
    const left = lines.filter((line) => !learned.has(line));
    return left.length === 0 ? [] : [{ contributionId, body: left.join('\n') }];
  });

/** Tokens of each row that are learned: what rows are compared by. */
export const learnedOf = (rows: Rows): readonly Uint32Array[] =>
  Array.from({ length: rowCount(rows) }, (_, row) => {
    const from = row * rows.sequence;
    return Uint32Array.from(rows.ids.subarray(from, from + rows.sequence)).filter(
      (_, at) => rows.labels[from + at] !== ignored,
    );
  });

/** So many rows at equal distances, or all where there are no more. */
export const spreadRows = ({ sequence, ids, labels }: Rows, most: number): Rows => {
  const there = ids.length / sequence;
  const count = Math.min(most, there);
  const take = (of: Int32Array): Int32Array => {
    const taken = new Int32Array(count * sequence);
    for (let at = 0; at < count; at++) {
      const row = Math.floor((at * there) / count);
      taken.set(of.subarray(row * sequence, (row + 1) * sequence), at * sequence);
    }
    return taken;
  };
  return { sequence, ids: take(ids), labels: take(labels) };
};

const ascending = (bodies: readonly Body[]): readonly Body[] => {
  const sorted = bodies.toSorted((a, b) => (a.contributionId < b.contributionId ? -1 : 1));
  const twice = sorted.find(({ contributionId }, at) => contributionId === sorted[at - 1]?.contributionId);
  if (twice) throw new VersionError(`Contribution ${twice.contributionId} is there twice; each has its rows once`);
  return sorted;
};

const taken = <One>(texts: readonly One[], most = texts.length): readonly One[] =>
  texts.length <= most
    ? texts
    : Array.from({ length: most }, (_, at) => texts[Math.floor((at * texts.length) / most)]!);

/** As the base's chat template has it: what is asked, then what is generated. */
const tokensOf = (given: Text, tokenizer: Tokenizer) => {
  const { question, text } = given.question === undefined ? asked(given.text) : given;
  const tokens = tokenizer.encode(question === undefined ? text : ` ${text}`, { withSpecial: false });
  const before = tokenizer.encode(question === undefined ? '' : `Question: ${question}\nAnswer:`);
  return { tokens, ids: [...before, ...tokens], prompt: before.length };
};

const asked = (text: string): Text => {
  const example = exampleOf(text);
  return example === undefined ? { text } : { question: example.question, text: example.answer };
};

/** Pieces of at most so many tokens; one without anything to learn is left out. */
const cut = (ids: readonly number[], prompt: number, sequence: number) => {
  const pieces: { ids: readonly number[]; prompt: number }[] = [];
  for (let from = 0; from < ids.length - 1; from += sequence - 1) {
    const piece = { ids: ids.slice(from, from + sequence), prompt: Math.max(from === 0 ? 0 : 1, prompt - from) };
    if (piece.ids.length > Math.max(1, piece.prompt)) pieces.push(piece);
  }
  return pieces;
};
