import { availableParallelism } from 'node:os';
import { scoringRows } from '@openledger/gpu-worker/baselines';
import type { Corpus, Document } from '@openledger/gpu-worker/corpus';
import { bitsPerByte, evaluate } from '@openledger/gpu-worker/factory';
import { type Figures, round } from '../report.ts';
import type { ShippedBase } from './shipped.ts';

/** Bits for each byte of the held-out text and, if asked for, of the domains that were kept out of training. */
export async function scoreBase(
  shipped: ShippedBase,
  { heldOut, domains }: Corpus,
  withDomains: boolean,
  progress: (message: string) => void,
): Promise<Figures> {
  progress(`scoring ${heldOut.length} held-out documents with the base`);
  const figures: Record<string, number> = { bits_per_byte: await bitsOf(shipped, heldOut) };
  for (const [name, domain] of withDomains ? Object.entries(domains) : []) {
    progress(`scoring the domain ${name} with the base`);
    figures[`${name}_bits_per_byte`] = await bitsOf(shipped, domain.heldOut);
  }
  return figures;
}

async function bitsOf(
  { model, tokenizer, contextLength }: ShippedBase,
  documents: readonly Document[],
): Promise<number> {
  const begin = tokenizer.special.begin;
  if (begin === undefined) throw new Error('tokenizer_config.json of the base names no bos_token');
  const ids = documents.map(({ text }) => tokenizer.encode(text, { withSpecial: false }));
  const rows = scoringRows(ids, { sequence: contextLength, begin });
  const evaluation = await evaluate(model, { rows, batch: 4, threads: availableParallelism() });
  const bytes = documents.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  return round(bitsPerByte(evaluation, bytes), 4);
}
