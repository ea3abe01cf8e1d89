import {
  type ReadFile,
  readCard,
  readClusters,
  readContent,
  readContributions,
  readGradients,
  readOnChain,
  readRecord,
  type VersionOnChain,
} from '@openledger/gpu-worker/attribution/version';
import type { Hex } from '@openledger/protocol';
import type { AttributionRecord, Card } from '@openledger/protocol/attribution';
import { readAdapterFiles } from './adapterFiles.ts';
import { checkDatanets } from './datanets.ts';
import { DocumentError, uriOf } from './documents.ts';
import { createFindings, type Findings } from './findings.ts';
import { checkRows } from './rows.ts';
import { checkGradients } from './sampledGradients.ts';
import type { Sources } from './sources.ts';
import type { Verdict } from './verdict.ts';
import { isRefusal } from './versions.ts';

export type AdapterOptions = {
  /** The folder of the base that it is of. */
  readonly base: string;
  /** Rows whose gradients are computed anew: as many at equal distances. */
  readonly rows: number;
};

/**
 * Recomputes what a version's answers are attributed with, from the contributions and the base: whose its rows are, which repeat
 * others, what its span index holds, and gradients of some of its rows.
 */
export const verifyAdapter = async (
  sources: Sources,
  { modelId, version }: { readonly modelId: bigint; readonly version: number },
  options: AdapterOptions,
): Promise<Verdict> => {
  const { db, sql } = sources.connection;
  const findings = createFindings(`adapter of model ${modelId}, version ${version},`);
  const read = readContent(db);
  const step = <Value>(what: string, make: () => Promise<Value>): Promise<Value | undefined> =>
    attempt(findings, what, make);

  const onChain = await step('version', () => readOnChain(sql, modelId, version));
  const known = onChain && (await step('records', () => readRecord(read, onChain)));
  if (onChain === undefined || known === undefined) return findings.verdict();
  const { record } = known;
  findings.right('its records');
  await step('card', () => checkCard(sources, findings, { read, onChain, record }));
  await step('datanets', () => checkDatanets(sources, findings, onChain));
  const adapter = await step('adapter', () => readAdapterFiles(sources, findings, onChain));
  const store = await step('gradients', () => readGradients(read, record));
  const clusters = await step('clusters', () => readClusters(read, record));
  if (store === undefined || clusters === undefined) return findings.verdict();
  const owners = [
    ...new Set(Array.from({ length: record.rows - record.foreignRows }, (_, at) => store.contributionOf(at))),
  ];
  const contributions = await readContributions(sql, owners);
  const rows = await step('rows', () =>
    checkRows(findings, { read, onChain, record, store, clusters, contributions, base: options.base }),
  );
  if (rows !== undefined && adapter !== undefined) {
    await step('gradients', () =>
      checkGradients(findings, { record, store, rows, adapter, base: options.base, rowsChecked: options.rows }),
    );
  }
  return findings.verdict();
};

/** Notes what files or documents are refused for; what else fails is thrown. */
const attempt = async <Value>(
  findings: Findings,
  what: string,
  make: () => Promise<Value>,
): Promise<Value | undefined> => {
  try {
    return await make();
  } catch (error) {
    if (!isRefusal(error) && !(error instanceof DocumentError)) throw error;
    findings.wrong(what, error.message, 'what the chain says of it');
  }
};

/** The card, and the score that stands on chain for it. */
const checkCard = async (
  { rows }: Sources,
  findings: Findings,
  { read, onChain, record }: { read: ReadFile; onChain: VersionOnChain; record: AttributionRecord },
): Promise<void> => {
  const { cardHash, card }: { cardHash: Hex; card: Card } = await readCard(read, onChain, record);
  const begin = findings.wrongs();
  const score = await rows.scoreOf(onChain.modelId, onChain.version, uriOf(cardHash));
  const [first] = card.figures;
  findings.same('card.score', score ?? 'none', BigInt(Math.max(0, first!.lds)) * 10n ** 12n);
  if (card.modelId !== undefined) findings.same('card.modelId', card.modelId, onChain.modelId);
  if (card.version !== undefined) findings.same('card.version', card.version, onChain.version);
  findings.right(`its card (${first!.method}: LDS ${(first!.lds / 1e6).toFixed(3)})`, begin);
};
