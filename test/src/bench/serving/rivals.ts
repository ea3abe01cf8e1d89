import { type Base, initialise, parameterCount, servingModel } from '@openledger/gpu-worker/base';
import { type Decoder, layOut, openFusedDecoder } from '@openledger/gpu-worker/serving/onnx';
import { type Figures, round } from '../report.ts';
import { makeAdapter } from './adapters.ts';
import { createRunner, tokensOf } from './core.ts';
import { openMergedDecoder } from './merged.ts';
import type { Plan } from './plan.ts';
import { median } from './spread.ts';
import { type Asked, createWorkload, type Source, usual } from './workload.ts';

type Rivalry = {
  readonly plan: Plan;
  readonly base: Base;
  readonly source: Source;
  readonly progress: (message: string) => void;
};

const batch = 8;

/**
 * Eight adapters side by side in one batch, in three ways: rows that carry their adapters; one session for each, merged into
 * its weights; and, as the limit, the bare base. The same loop drives all three with the same requests: whole ones, and
 * short prompts with answers of 128 tokens, where nearly all the work is writing.
 */
export const compareDecoders = (rivalry: Rivalry): Promise<Figures> =>
  compare(rivalry, { writing: writing(128), whole });

/** The same on a base of GPT-2's size, whose weights no cache holds: short answers only, since eight sessions take their time. */
export const compareOnWideBase = async (rivalry: Rivalry): Promise<Figures> => {
  const { plan, progress } = rivalry;
  const base = wideBase(rivalry.base);
  const progressThere = (message: string) => progress(`${parameterCount(base.config)} parameters: ${message}`);
  const rival = { ...rivalry, plan: { ...plan, turns: Math.ceil(plan.turns / 2) }, base, progress: progressThere };
  const found = await compare(rival, { writing: writing(32) });
  const named = Object.entries(found).map(([name, value]) => [`wide_base_${name}`, value]);
  return { wide_base_parameters: parameterCount(base.config), ...Object.fromEntries(named) };
};

type Workloads = Readonly<Record<string, (source: Source, seed: number) => readonly Asked[]>>;

const compare = async ({ plan, base, source, progress }: Rivalry, workloads: Workloads): Promise<Figures> => {
  const options = { rows: batch, threads: plan.threads };
  const adapters = Array.from({ length: batch }, (_, number) => makeAdapter(base, plan.setting, number));
  const opened: Decoder[] = [];
  const open = async (decoder: Promise<Decoder>): Promise<Decoder> => {
    opened.push(await decoder);
    return opened.at(-1)!;
  };
  try {
    progress(`opening ${batch} merged sessions`);
    const rows = await open(openFusedDecoder(base, { ...options, rank: plan.setting.rank }));
    const merged = await open(openMergedDecoder(base, adapters, options));
    const bare = await open(openFusedDecoder(base, { ...options, rank: 0 }));
    const laid = adapters.map((adapter) => layOut(adapter, rows.layout));
    const numbers = adapters.map((_, number) => Float32Array.of(number));
    const ways = {
      rows: createRunner(base, rows, laid),
      merged: createRunner(base, merged, numbers),
      bare: createRunner(base, bare),
    };
    const figures: Record<string, number> = {};
    for (const [kind, make] of Object.entries(workloads)) {
      const rates: Record<keyof typeof ways, number[]> = { rows: [], merged: [], bare: [] };
      for (let turn = 0; turn < plan.turns; turn++) {
        progress(`a batch of ${batch}, ${kind}, turn ${turn + 1} of ${plan.turns}`);
        const workload = make(source, turn);
        for (const way of ['rows', 'merged', 'bare'] as const) {
          rates[way].push(tokensOf(workload) / (await ways[way](workload)));
        }
      }
      const ratio = (over: 'rows' | 'bare', under: 'merged' | 'rows') =>
        round(median(rates[over].map((rate, turn) => rate / rates[under][turn]!)), 3);
      Object.assign(figures, {
        [`batch8_${kind}_tok_s`]: round(median(rates.rows)),
        [`batch8_${kind}_merged_sessions_tok_s`]: round(median(rates.merged)),
        [kind === 'writing' ? 'vs_merged_sessions_ratio' : `vs_merged_sessions_${kind}_ratio`]: ratio('rows', 'merged'),
        [`batch8_${kind}_overhead_ratio`]: ratio('bare', 'rows'),
      });
    }
    return figures;
  } finally {
    for (const decoder of opened) await decoder.close();
  }
};

/** Each adapter once at a time. */
const whole = (source: Source, seed: number): readonly Asked[] =>
  createWorkload(source, { ...usual, seed, requests: 3 * batch, adapters: 1, rate: 1, context: 512 }).map(
    (asked, number) => ({ ...asked, adapter: number % batch }),
  );

const writing =
  (answer: number) =>
  (source: Source, seed: number): readonly Asked[] =>
    createWorkload(source, { ...usual, seed, requests: batch, adapters: 1, rate: 1, context: 512 }).map(
      ({ prompt, ...asked }, adapter) => ({ ...asked, adapter, prompt: prompt.slice(0, 8), answer }),
    );

/** Of GPT-2's size: how fast a model is does not depend on what its weights are. */
const wideBase = ({ config: small, tokenizer }: Base): Base => {
  const config = {
    ...small,
    hidden_size: 768,
    intermediate_size: 2_048,
    num_hidden_layers: 12,
    num_attention_heads: 12,
  };
  const weights = initialise(config, 1);
  return { config, tokenizer, weights, model: servingModel(config, weights) };
};
