import { id } from 'ethers';
import type { PersonaName } from './personas.ts';

/** What anyone can measure in a text; every number from 0 (bad) to 1 (good). */
export type Measures = {
  /** Enough text to learn from. */
  readonly length: number;
  /** Sentences rather than badges, links, tables and bare code. */
  readonly prose: number;
  /** Different words rather than the same ones over and over. */
  readonly vocabulary: number;
  /** Rows that each say something of their own. */
  readonly variety: number;
  /** Not release notes and version lists. */
  readonly substance: number;
  /** Readable characters. */
  readonly encoding: number;
  /** What no earlier accepted text in the datanet already says. */
  readonly novelty: number;
};

type Taste = Readonly<Record<keyof Measures, number>>;

/** How much each measure weighs for a validator: the score is the weighted geometric mean, so one zero sinks a text. */
const tastes: Partial<Record<PersonaName, Taste>> = {
  vera: { length: 2.5, prose: 3, vocabulary: 1, variety: 1, substance: 2.5, encoding: 1, novelty: 2.5 },
  viktor: { length: 2, prose: 1, vocabulary: 1, variety: 2, substance: 2.5, encoding: 1, novelty: 4 },
  yuki: { length: 1.5, prose: 1.5, vocabulary: 1.5, variety: 1, substance: 2.5, encoding: 1, novelty: 2.5 },
};
const evenTaste: Taste = {
  length: 2,
  prose: 1.5,
  vocabulary: 1,
  variety: 1,
  substance: 2.5,
  encoding: 1,
  novelty: 2.5,
};

/** Measures a text. @param nearestShare share of its phrases that one earlier accepted text already has, 0 to 1. */
export function measure(rows: readonly string[], nearestShare: number): Measures {
  const text = rows.join('\n');
  const bare = prosaic(text);
  const words = bare.toLowerCase().match(/\p{L}{2,}/gu) ?? [];
  const considered = words.slice(0, 400);
  const distinctRows = new Set(rows.map((row) => row.replace(/[\d\W]+/g, ' ').trim())).size;
  const changes = text.match(
    /(updated dependencies|bump|^\W*\[?v?\d+\.\d+\.\d+|\b[0-9a-f]{7,40}\b|#\d{2,}|!\[[^\]]*\]\()/gim,
  );
  const broken = text.match(/\uFFFD|(?![\n\r\t])\p{Cc}/gu);
  return {
    length: saturating(words.length, 80),
    prose: Math.min(1, bare.length / Math.max(1, text.length) / 0.6),
    vocabulary: Math.min(1, new Set(considered).size / Math.max(40, considered.length) / 0.45),
    variety: distinctRows / Math.max(1, rows.length),
    substance: 1 / (1 + (40 * (changes?.length ?? 0)) / Math.max(40, words.length)),
    encoding: broken === null ? 1 : Math.max(0, 1 - (50 * broken.length) / text.length),
    novelty: nearestShare <= 0.3 ? 1 : Math.max(0, (1 - nearestShare) / 0.7) ** 1.5,
  };
}

export type Verdict = {
  /** 1e18 fixed point. */
  readonly score: bigint;
  /** Why, as the exact JSON that evidenceHash is the keccak256 of. */
  readonly evidence: string;
  readonly evidenceHash: `0x${string}`;
};

export type Judged = {
  readonly contentHash: string;
  readonly rows: readonly string[];
  readonly nearest: { readonly contributionId: bigint; readonly share: number } | undefined;
};

/** A validator's score of a text, with its reasons. The same text against the same accepted texts scores the same. */
export function judge(validator: PersonaName, { contentHash, rows, nearest }: Judged): Verdict {
  const measures = measure(rows, nearest?.share ?? 0);
  const weights = tastes[validator] ?? evenTaste;
  let total = 0;
  let logarithm = 0;
  for (const [name, weight] of Object.entries(weights) as [keyof Measures, number][]) {
    total += weight;
    logarithm += weight * Math.log(Math.max(1e-6, measures[name]));
  }
  const permille = BigInt(Math.round(Math.exp(logarithm / total) * 1_000));
  const evidence = JSON.stringify({
    schema: 'openledger.review/1',
    validator,
    contentHash,
    measures: Object.fromEntries(Object.entries(measures).map(([name, value]) => [name, Number(value.toFixed(4))])),
    weights,
    nearest:
      nearest === undefined
        ? null
        : { contributionId: nearest.contributionId.toString(), share: Number(nearest.share.toFixed(4)) },
    score: Number(permille) / 1_000,
  });
  return { score: permille * 10n ** 15n, evidence, evidenceHash: id(evidence) as `0x${string}` };
}

/** The text without code, tables, images, link targets, HTML and headings' marks: what is left is prose. */
function prosaic(text: string): string {
  return text
    .replace(/(```|~~~)[\s\S]*?(\1|$)/g, ' ')
    .replace(/^\s*\|.*$/gm, ' ')
    .replace(/!\[[^\]]*\](\([^)]*\)|\[[^\]]*\])/g, ' ')
    .replace(/\]\([^)]*\)/g, ' ')
    .replace(/^\s*\[[^\]]+\]:.*$/gm, ' ')
    .replace(/<[^>]+>/g, ' ')
    .replace(/https?:\/\/\S+/g, ' ')
    .replace(/[#*`>_[\]-]+/g, ' ')
    .replace(/\s+/g, ' ');
}

/** 0 for nothing, 1/2 at `half`, towards 1 for much. */
function saturating(count: number, half: number): number {
  return count / (count + half);
}
