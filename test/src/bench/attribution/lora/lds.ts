import { join } from 'node:path';
import { makeCard } from '@openledger/gpu-worker/attribution/card';
import { rowCount } from '@openledger/gpu-worker/factory';
import type { Card } from '@openledger/protocol/attribution';
import { type Figures, round } from '../../report.ts';
import type { Plan } from '../part.ts';
import type { Setting } from './setting.ts';

const hash = `0x${'00'.repeat(32)}` as const;

export type MeasuredLds = {
  readonly figures: Figures;
  /** That were chosen: for H of the rows' own labels, and of drawn ones. */
  readonly damping: number;
  readonly drawnDamping: number;
};

/** Cards of the adapter, as every version has one: with H of the rows' own gradients, and of those of labels that the model drew. */
export const measureLds = async (
  setting: Setting,
  { isQuick, folder }: Plan,
  progress: (message: string) => void,
): Promise<MeasuredLds> => {
  const { base, adapter, rows, queries, store, rowsPerSecond } = setting;
  const half = rowCount(rows) / 2;
  const subsets = { count: isQuick ? 6 : 100, seeds: 1 };
  const card = (moment?: Setting['drawn']): Promise<Card> =>
    makeCard({
      ...{ base, adapter, rows, queries, subsets, rowsPerSecond },
      recipe: setting.recipe(half),
      adapterHash: hash,
      gradientStoreRoot: hash,
      contributions: Array.from({ length: 2 * half }, (_, row) => BigInt(row + 1)),
      gradients: store,
      ...(moment && { moment }),
      file: join(folder, 'retrainings.jsonl'),
      onProgress: ({ done, retrainings }) => {
        if (done % 10 === 0) progress(`${done} of ${retrainings} half-subsets retrained`);
      },
    });
  const own = await card();
  const drawn = await card(setting.drawn);
  const figures: Record<string, number> = {
    lds_lora_subsets: subsets.count,
    lds_lora_rows: 2 * half,
    lds_lora_queries: own.queries.measuredOn,
    lds_lora_damping: Number(own.damping),
  };
  const add = (name: string, { lds, low, high }: Card['figures'][number]): void => {
    for (const [end, value] of Object.entries({ '': lds, _low: low, _high: high })) {
      figures[`${name}${end}`] = round(value / 1e6, 4);
    }
  };
  for (const figure of own.figures) add(names[figure.method] ?? `lds_lora_${figure.method}`, figure);
  add('lds_lora_drawn_labels', drawn.figures[0]!);
  return { figures, damping: Number(own.damping), drawnDamping: Number(drawn.damping) };
};

const names: Readonly<Record<string, string>> = {
  'whitened-projected-influence': 'lds_lora',
  'unnormalised-influence': 'lds_lora_unnormalised',
  'whitened-cosine': 'lds_lora_cosine',
  datainf: 'lds_lora_datainf',
  'grad-dot': 'lds_lora_grad_dot',
  bm25: 'lds_lora_bm25',
  'embedding-similarity': 'lds_lora_embedding',
  random: 'lds_lora_random',
};
