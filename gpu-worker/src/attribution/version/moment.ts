import { readFile } from 'node:fs/promises';
import type { AttributionRecord } from '@openledger/protocol/attribution';
import { type Rows, rowCount } from '../../factory/index.ts';
import type { Adapter } from '../../lora/index.ts';
import type { Model } from '../../onnx/index.ts';
import {
  drawLabels,
  type ExtractOptions,
  extractGradients,
  type GradientStore,
  parseStore,
  storeRoot,
} from '../influence/index.ts';
import { filesOf, type NewFile } from './files.ts';

export type MomentOptions = Pick<
  ExtractOptions,
  'dimensions' | 'file' | 'settings' | 'threads' | 'onProgress' | 'signal'
> & {
  readonly projectionSeed: string;
  readonly adapter: Adapter;
  /** Of contributions, and for each the first row that is the same. */
  readonly rows: Rows;
  readonly clusters: Uint32Array;
  readonly draws: number;
  readonly seed: number;
};

export type Moment = {
  readonly record: NonNullable<AttributionRecord['moment']>;
  readonly store: GradientStore;
  readonly files: readonly NewFile[];
};

/**
 * Gradients that H is of: rows of contributions, copies left out, with labels that the model draws, which are the curvature of its
 * loss. It predicts what retraining does better than the rows' own labels do, and takes as many more gradients as there are draws.
 *
 * @throws the signal's reason after it; as `drawLabels` and `extractGradients`.
 */
export const buildMoment = async (base: Model, options: MomentOptions): Promise<Moment> => {
  const { rows, clusters, draws, seed, adapter, threads, file, settings, signal, projectionSeed, ...others } = options;
  const drawn = await drawLabels(base, { adapter, rows: firsts(rows, clusters), draws, seed, threads });
  const count = rowCount(drawn);
  const done = await extractGradients(base, {
    ...others,
    adapter,
    seed: projectionSeed,
    threads,
    file,
    batch: 1,
    rows: drawn,
    contributions: Array.from({ length: count }, () => 0n),
    settings: { ...settings, draws, labels: seed },
    ...(signal && { signal }),
  });
  if (done < count) throw signal!.reason;
  const body = await readFile(file);
  const store = parseStore(body, file);
  const files = filesOf('application/octet-stream', body);
  return { record: { draws, seed, rows: count, root: storeRoot(store), file: files.at(-1)!.hash }, store, files };
};

/** Rows that are no copy of an earlier one. */
export const firstsOf = (rows: Rows, clusters: Uint32Array): readonly number[] =>
  Array.from({ length: rowCount(rows) }, (_, row) => row).filter((row) => clusters[row] === row);

const firsts = ({ sequence, ids, labels }: Rows, clusters: Uint32Array): Rows => {
  const isFirst = (_: number, at: number): boolean => {
    const row = Math.floor(at / sequence);
    return clusters[row] === row;
  };
  return { sequence, ids: ids.filter(isFirst), labels: labels.filter(isFirst) };
};
