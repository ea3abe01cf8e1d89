/**
 * `npm run -w gpu-worker export [-- <folder of pretraining> [<folder of the base>] [--minutes <n>] [--commit <hash>]]`: writes
 * what was pretrained as a Hugging Face folder with a model card, by default into gpu-worker/base. There the card's figures
 * are measured, by the benchmark that anybody can repeat; elsewhere it has none. How long training took, and by which commit,
 * only who ran it knows.
 */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BaseError, createGenerator, exportBase, readBase, readPretrained, shippedRecipe } from '../src/base/index.ts';
import { CorpusError, readCorpus, readCorpusSummary } from '../src/corpus/index.ts';
import { type Figures, modelCard, type Sample } from './export/card.ts';

const root = resolve(import.meta.dirname, '../..');
const shipped = join(root, 'gpu-worker/base');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string' }, commit: { type: 'string' } },
});
const place = (named: string | undefined, usual: string) =>
  named === undefined ? usual : resolve(process.env.INIT_CWD ?? '.', named);
const from = place(positionals[0], join(root, '.openledger/pretraining'));
const to = place(positionals[1], shipped);
const say = (message: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)}  ${message}\n`);

const prompts = [
  '# Installation\n\n',
  'Returns a promise that',
  'The following options are supported:\n\n',
  'import { ',
];

const sampling = { temperature: 0.7, topK: 40, seed: 1 };

const samplesOf = async (folder: string): Promise<Sample[]> => {
  const { model, config, tokenizer } = await readBase(folder);
  const generator = await createGenerator(model, config, { threads: shippedRecipe.threads });
  const ids = prompts.map((prompt) => tokenizer.encode(prompt));
  const write = async (how: string, options: Partial<typeof sampling>): Promise<Sample[]> =>
    (await generator.generate(ids, { limit: 80, ...options })).map((tokens, row) => ({
      prompt: prompts[row]!,
      how,
      text: tokenizer.decode(tokens),
    }));
  const sampled = await write('sampled at 0.7 from the 40 likeliest', sampling);
  const greedy = await write('always the likeliest token', {});
  await generator.close();
  return [...sampled, greedy[0]!];
};

const measure = async (): Promise<Figures> => {
  const bench = execFile(process.execPath, [join(root, 'test/src/bench.ts'), 'base', '--domains'], {
    encoding: 'utf8',
  });
  bench.stderr?.pipe(process.stderr);
  let printed = '';
  bench.stdout?.on('data', (text: string) => {
    printed += text;
  });
  const code = await new Promise((done) => bench.on('close', done));
  if (code !== 0) throw new BaseError(`The benchmark of the base ended with ${code}`);
  return JSON.parse(printed.trimEnd().split('\n').at(-1)!).figures;
};

try {
  const minutes = values.minutes === undefined ? undefined : Number(values.minutes);
  const { commit } = values;
  const corpus = await readCorpusSummary();
  const { train } = await readCorpus();
  const { weights, tokenizer, steps, from: step } = await readPretrained(from, shippedRecipe.config);
  await exportBase(to, { config: shippedRecipe.config, weights, tokenizer });
  say(`the weights of step ${step} of ${steps} are in ${to}`);
  const { sha256, files } = corpus;
  const record = { recipe: shippedRecipe, corpus: { sha256, files }, steps, from: step, minutes, commit };
  const write = (more: object) =>
    writeFile(join(to, 'training.json'), `${JSON.stringify({ ...record, ...more }, undefined, 2)}\n`);
  await write({});
  const figures = to === shipped ? await measure() : undefined;
  await write({ figures });
  const read = await readBase(to);
  const trainTokens = train.reduce((sum, { text }) => sum + read.tokenizer.encode(text).length + 1, 0);
  const samples = await samplesOf(to);
  const card = modelCard({
    recipe: shippedRecipe,
    corpus,
    steps,
    from: step,
    minutes,
    commit,
    trainTokens,
    figures,
    samples,
  });
  await writeFile(join(to, 'README.md'), card);
  say(`the card is in ${join(to, 'README.md')}`);
} catch (error) {
  if (!(error instanceof BaseError || error instanceof CorpusError)) throw error;
  process.stderr.write(`export: ${error.message}\n`);
  process.exitCode = 1;
}
