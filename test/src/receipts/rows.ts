import { clusterRows } from '@openledger/gpu-worker/attribution/duplicates';
import type { GradientStore } from '@openledger/gpu-worker/attribution/influence';
import { openSpanIndex, type SpanIndex, spanIndexRoot } from '@openledger/gpu-worker/attribution/spans';
import {
  type KnownContribution,
  learnedOf,
  type OwnedRows,
  type ReadFile,
  readFileOf,
  rowsOf,
  tokenizerHash,
  type VersionOnChain,
  withForeign,
} from '@openledger/gpu-worker/attribution/version';
import { loadTokenizer } from '@openledger/gpu-worker/tokenizer';
import type { Hex } from '@openledger/protocol';
import { type AttributionRecord, startingAlgorithm } from '@openledger/protocol/attribution';
import type { Findings } from './findings.ts';

export type RowsOptions = {
  readonly read: ReadFile;
  readonly onChain: VersionOnChain;
  readonly record: AttributionRecord;
  readonly store: GradientStore;
  readonly clusters: Uint32Array;
  readonly contributions: ReadonlyMap<bigint, KnownContribution>;
  /** The folder of the base. */
  readonly base: string;
};

/** Of a training record, which texts of a contribution were taken. */
type Training = { readonly recipe?: { readonly mostTexts?: number } };

/**
 * Makes the version's rows anew from the contributions' contents, and holds against them whose each stored row is, which are said
 * to be copies, and what the span index holds.
 * @returns the rows, foreign ones last; undefined where they cannot be made. @throws VersionError, SpanError
 */
export const checkRows = async (
  findings: Findings,
  { read, onChain, record, store, clusters, contributions, base }: RowsOptions,
): Promise<OwnedRows['rows'] | undefined> => {
  if ((await tokenizerHash(base)) !== record.tokenizerHash) {
    return void findings.unchecked(`its rows: ${base} has another tokenizer than base ${record.base}`);
  }
  const tokenizer = await loadTokenizer(base);
  const bodies: { contributionId: bigint; body: string }[] = [];
  for (const [contributionId, { contentHash }] of contributions) {
    const body = await read(contentHash);
    if (body === undefined)
      return void findings.unchecked(`its rows: contribution ${contributionId} is not kept any more`);
    bodies.push({ contributionId, body: new TextDecoder().decode(body) });
  }
  const training = await readFileOf(read, onChain.manifestHash, 'the training record');
  const { mostTexts } = (JSON.parse(new TextDecoder().decode(training)) as Training).recipe ?? {};
  const { sequence, foreignRows } = record;
  const owned = rowsOf(bodies, { tokenizer, sequence, ...(mostTexts !== undefined && { mostTexts }) });
  const begin = findings.wrongs();
  findings.same('rows', record.rows - foreignRows, owned.contributions.length);
  const other = owned.contributions.findIndex((id, row) => row < store.count && store.contributionOf(row) !== id);
  if (other >= 0)
    findings.wrong(`rows.${other}`, `of contribution ${store.contributionOf(other)}`, `${owned.contributions[other]}`);
  findings.right(`whose its ${owned.contributions.length} rows are`, begin);
  if (findings.wrongs() > begin) return undefined;

  checkClusters(findings, owned, clusters);
  const index = await openSpanIndex(await readFileOf(read, record.files.spans, 'the span index'), read);
  findings.same('the root of the span index', record.suffixArrayRoot, spanIndexRoot(index));
  checkDocuments(findings, owned, index);
  const foreign = await readFileOf(read, String(store.settings.foreign) as Hex, 'the foreign texts');
  return withForeign(owned, { foreign: new TextDecoder().decode(foreign), foreignRows, tokenizer, sequence }).rows;
};

const checkClusters = (findings: Findings, owned: OwnedRows, clusters: Uint32Array): void => {
  const found = clusterRows(learnedOf(owned.rows), startingAlgorithm.duplicates);
  const other = found.findIndex((first, row) => clusters[row] !== first);
  if (other < 0) findings.right(`${found.filter((first, row) => first !== row).length} copies among them`);
  else findings.wrong(`clusters.${other}`, `as row ${clusters[other]}`, `as row ${found[other]}`);
};

/** Whose texts the index holds, one after another of each contribution. */
const checkDocuments = (findings: Findings, { documents }: OwnedRows, index: SpanIndex): void => {
  const begin = findings.wrongs();
  const held = index.segments.flatMap(({ tokens, starts, contributions }) =>
    Array.from(starts, (from, at) => ({
      contributionId: contributions[at]!,
      tokens: tokens.subarray(from, (starts[at + 1] ?? tokens.length) - 1),
    })),
  );
  const [said, found] = [held, documents].map((some) => Map.groupBy(some, ({ contributionId }) => contributionId));
  for (const id of new Set([...said!.keys(), ...found!.keys()])) {
    const [one, other] = [said, found].map((of) =>
      (of!.get(id) ?? []).map(({ tokens }) => tokens.join(' ')).join('\n'),
    );
    if (one !== other) findings.wrong(`spans of contribution ${id}`, 'otherwise', 'its texts, word for word');
  }
  findings.right(`${documents.length} texts in its span index`, begin);
};
