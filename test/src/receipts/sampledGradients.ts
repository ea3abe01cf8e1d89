import { type GradientStore, openExtractor } from '@openledger/gpu-worker/attribution/influence';
import { modelHash, type OwnedRows, runtimeHash, runtimeName } from '@openledger/gpu-worker/attribution/version';
import { readBase, trainingModel } from '@openledger/gpu-worker/base';
import type { Adapter } from '@openledger/gpu-worker/lora';
import type { AttributionRecord } from '@openledger/protocol/attribution';
import type { Findings } from './findings.ts';

export type GradientsOptions = {
  readonly record: AttributionRecord;
  readonly store: GradientStore;
  readonly rows: OwnedRows['rows'];
  readonly adapter: Adapter;
  readonly base: string;
  /** Rows that are computed anew. */
  readonly rowsChecked: number;
};

/** Steps of its 127 that a stored number may be off: its own rounding, and that of another machine's arithmetic. */
const tolerance = 2;

/** Computes the gradients of some rows anew, spread over all, and holds the stored ones against them. */
export const checkGradients = async (
  findings: Findings,
  { record, store, rows, adapter, base, rowsChecked }: GradientsOptions,
): Promise<void> => {
  if ((await modelHash(base)) !== record.modelHash) {
    return findings.unchecked(`its gradients: ${base} is another model than base ${record.base}`);
  }
  if (record.runtimeHash !== runtimeHash) findings.unchecked(`its runtime, which is not ${runtimeName}`);
  const { config, weights } = await readBase(base);
  const { sequence, projection } = record;
  const extractor = await openExtractor(trainingModel(config, weights), {
    ...{ adapter, ...projection, sequence, batch: 1, threads: 1 },
  });
  try {
    const begin = findings.wrongs();
    const count = Math.min(rowsChecked, store.count);
    const some = Array.from({ length: count }, (_, at) => Math.floor((at * store.count) / count));
    for (const [at, gradient] of (await extractor.gradientsOf(rows, some)).entries()) {
      const row = some[at]!;
      const step = 2 ** store.exponentOf(row);
      const off = store
        .valuesOf(row)
        .reduce((most, value, place) => Math.max(most, Math.abs(gradient[place]! / step - value)), 0);
      if (off > tolerance) findings.wrong(`gradients.${row}`, `${off.toFixed(1)} steps off`, `${tolerance} at most`);
    }
    findings.right(`gradients of ${count} of them within ${tolerance} steps of 127`, begin);
  } finally {
    await extractor.close();
  }
};
