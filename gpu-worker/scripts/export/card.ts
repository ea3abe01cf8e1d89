import { parameterCount, type Recipe } from '../../src/base/index.ts';
import type { CorpusSummary } from '../../src/corpus/index.ts';
import { summaryOf } from '../corpus/summary.ts';

/** What `npm run -s bench -- base -- --domains` found. */
export type Figures = Readonly<Record<string, number>>;

export type Sample = { readonly prompt: string; readonly how: string; readonly text: string };

export type CardFacts = {
  readonly recipe: Recipe;
  readonly corpus: CorpusSummary;
  /** Steps that were done, and the one that the weights are from. */
  readonly steps: number;
  readonly from: number;
  /** How long training took, where whoever ran it says so. */
  readonly minutes: number | undefined;
  readonly commit: string | undefined;
  /** Tokens of the training text. */
  readonly trainTokens: number;
  readonly figures: Figures | undefined;
  readonly samples: readonly Sample[];
};

/** `README.md` of the folder. Every figure in it comes from the facts. */
export const modelCard = (facts: CardFacts): string =>
  [frontMatter, what(facts), quality(facts), training(facts), data(facts), limits, examples(facts)].join('\n');

const frontMatter = `---
license: mit
language: en
pipeline_tag: text-generation
library_name: onnx
---
`;

const number = (value: number): string => value.toLocaleString('en');
const million = (value: number): string => `${(value / 1e6).toFixed(value < 1e7 ? 2 : 1)} million`;

const what = ({ recipe: { config } }: CardFacts): string => `# A tiny base

A decoder in Llama's manner with ${million(parameterCount(config))} parameters, so that everything in this repository works with no download: adapters are
trained on it, served from it and attributed through it, by the same code that does so with models of use. It was made here,
from nothing, by this project's own trainer on onnxruntime: no PyTorch, no other model's weights or answers.

| | |
|---|---|
| layers, width, heads, inner width | ${config.num_hidden_layers}, ${config.hidden_size}, ${config.num_attention_heads}, ${config.intermediate_size} |
| vocabulary | ${number(config.vocab_size)}, byte-level BPE, trained on the same text |
| context | ${number(config.max_position_embeddings)} tokens |
| details | RMSNorm, rotary positions (θ = ${number(config.rope_theta)}), SwiGLU, no biases, the head is the embedding |
| files | \`model.onnx\` with \`model.onnx_data\`: weights in float16, cast to float32 when loaded; inputs and outputs as Optimum's \`text-generation-with-past\`. \`config.json\` is a \`LlamaConfig\` of transformers |

Text begins with \`<s>\`; \`</s>\` ends a document. The chat template writes \`Question: …\` and \`Answer: …\` as plain text: a form for
adapters to learn, which the base itself does not know.
`;

const quality = ({ figures }: CardFacts): string => {
  if (figures === undefined) return '## Quality\n\nNot measured.\n';
  const rows: [string, string][] = [
    ['this model', 'bits_per_byte'],
    ['5-gram model of the same tokens, same training text, interpolated', 'ngram_of_tokens_bits_per_byte'],
    ['5-gram model of bytes, same training text, interpolated', 'ngram_of_bytes_bits_per_byte'],
    ['`xz -9e`, behind the training text', 'xz_after_training_text_bits_per_byte'],
    ['`xz -9e`, alone', 'xz_alone_bits_per_byte'],
    ['this model on Solidity, which was kept out of training', 'solidity_bits_per_byte'],
    ['this model on GraphQL, which was kept out of training', 'graphql_bits_per_byte'],
  ];
  const lines = rows.flatMap(([name, key]) => (key in figures ? [`| ${name} | ${figures[key]!.toFixed(3)} |`] : []));
  return `## Quality

Bits for each byte of ${number(figures.held_out_documents ?? 0)} documents (${million(figures.held_out_bytes ?? 0)} bytes) of packages that gave nothing to training; less is better.
\`npm run -s bench -- base\` computes it anew.

| | bits per byte |
|---|---|
${lines.join('\n')}
`;
};

const training = ({ recipe, steps, from, minutes, commit, trainTokens }: CardFacts): string => {
  const { schedule, optimizer, batch, sequence, seed, threads, clip } = recipe;
  const seen = steps * batch * sequence;
  const whole = steps < schedule.steps ? ` of ${number(schedule.steps)}: stopped before its end` : '';
  const kept = from === steps ? '' : ` The weights are those of step ${number(from)}, the best on the validation part.`;
  const took =
    minutes === undefined
      ? ''
      : ` It took ${number(minutes)} minutes on ${threads} cores of a machine that did other work too.`;
  const code = commit === undefined ? '' : ` These were made by commit ${commit}; later ones may round differently.`;
  return `## Training

${number(steps)} steps${whole} of ${batch} rows of ${sequence} tokens: ${million(seen)} tokens, the text ${(seen / trainTokens).toFixed(1)} times.${took}${kept}
AdamW (β ${optimizer.betas.join(', ')}; weight decay ${optimizer.weightDecay}), learning rate up to ${schedule.peak} in ${schedule.warmup} steps, then ${schedule.decay} down to ${schedule.floor}; gradients clipped
to ${clip}; float32; seed ${seed}. \`training.json\` has the whole recipe.

    npm run -w gpu-worker corpus
    npm run -w gpu-worker pretrain
    npm run -w gpu-worker export

The same code and corpus on the same kind of machine, with as many threads, give the same bytes.${code}
`;
};

const data = ({ corpus, trainTokens }: CardFacts): string => `## Data

Documentation of the npm packages that this repository installs, Markdown and comments, ${million(trainTokens)} tokens to train on. All under
permissive licences; \`gpu-worker/scripts/corpus/sources.json\` lists every package with its version and licence, and the part
that it is in. Packages from one source are in one part only.

\`\`\`
${summaryOf(corpus).trimEnd()}
\`\`\`

\`foreign.jsonl\` has 256 short texts of the two held-out parts, each with its package, version and licence, of packages that no datanet of the
local stack is about (\`npm run -w gpu-worker foreign\` writes it): what an answer has in common with them is chance, and nobody is paid for less.
`;

const limits = `## Limits

- It writes text that looks like documentation. It knows nothing, does not follow instructions, and what it says of any
  software is made up.
- English and code of the JavaScript world only; other languages fall apart into bytes.
- It repeats itself when the likeliest token is always taken.
- It has seen names, addresses and code that stand in public documentation, and can write pieces of it word for word.
- It is for tests, demonstrations and measurements of this repository's code; not for any decision about anything.
`;

const examples = ({ samples }: CardFacts): string =>
  [
    '## What it writes',
    ...samples.map(({ prompt, how, text }) => {
      // A fence longer than any that the text has.
      const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
      return `After ${JSON.stringify(prompt)}, ${how}:\n\n${fence}text\n${prompt}${text}\n${fence}`;
    }),
    '',
  ].join('\n\n');
