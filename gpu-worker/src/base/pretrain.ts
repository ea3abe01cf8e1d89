import { type Corpus, readCorpus } from '../corpus/index.ts';
import {
  asInputs,
  type Job,
  type Parameter,
  packDocuments,
  type Rows,
  type Trained,
  type TrainOptions,
  train,
} from '../factory/index.ts';
import { loadTokenizer, type Tokenizer, trainBpe, writeTokenizer } from '../tokenizer/index.ts';
import type { Recipe } from './recipe.ts';
import { trainingModel } from './trainingModel.ts';
import { initialise, weightShapes } from './weights.ts';

export const specialTokens = { begin: '<s>', end: '</s>', pad: '<pad>' } as const;

export type PretrainOptions = TrainOptions & {
  readonly recipe: Recipe;
  /** Where `npm run -w gpu-worker corpus` wrote the text. */
  readonly corpusFolder?: string | undefined;
  /** Holds the tokenizer and the checkpoint; a training that stands there goes on. */
  readonly folder: string;
  /** Steps between two checkpoints. */
  readonly checkpointEvery?: number;
  readonly say?: (message: string) => void;
};

/**
 * Makes a base: its tokenizer from the training text, then all its weights. Interrupted, it goes on where the checkpoint
 * stands, to the same bytes.
 *
 * @throws CorpusError when there is no corpus, FactoryError when the folder holds another training.
 */
export const pretrain = async ({
  recipe,
  corpusFolder,
  folder,
  checkpointEvery = 100,
  say = () => {},
  ...options
}: PretrainOptions): Promise<Trained & { tokenizer: Tokenizer }> => {
  const corpus = await readCorpus(corpusFolder);
  const tokenizer = await makeTokenizer(corpus, recipe, folder);
  say(`the tokenizer has ${tokenizer.vocabSize} tokens`);
  const data = rowsOf(corpus.train, tokenizer, recipe.sequence);
  const heldOut = rowsOf(corpus.validation, tokenizer, recipe.sequence);
  const windows = data.ids.length / recipe.sequence;
  const epochs = (recipe.schedule.steps * recipe.batch) / windows;
  say(`${windows} windows of ${recipe.sequence} tokens to learn from, ${epochs.toFixed(1)} times each`);
  const { model, parameters } = beginning(recipe);
  const job: Job = {
    model,
    parameters,
    data,
    heldOut,
    batch: recipe.batch,
    schedule: recipe.schedule,
    optimizer: recipe.optimizer,
    clip: recipe.clip,
    seed: recipe.seed,
    evaluation: { every: recipe.evaluateEvery },
    checkpoint: { file: `${folder}/checkpoint.safetensors`, every: checkpointEvery },
    threads: recipe.threads,
  };
  return { ...(await train(job, options)), tokenizer };
};

const beginning = ({ config, seed }: Recipe): { model: Job['model']; parameters: Parameter[] } =>
  asInputs(trainingModel(config, initialise(config, seed)), [...weightShapes(config).keys()]);

const makeTokenizer = async ({ train: documents }: Corpus, recipe: Recipe, folder: string): Promise<Tokenizer> => {
  const { begin, end, pad } = specialTokens;
  const files = trainBpe(
    documents.map(({ text }) => text),
    {
      vocabSize: recipe.config.vocab_size,
      specialTokens: [begin, end, pad],
      beginToken: begin,
      endToken: end,
      padToken: pad,
      contextLength: recipe.config.max_position_embeddings,
    },
  );
  await writeTokenizer(files, folder);
  return loadTokenizer(folder);
};

/** Every document as `<s>` text `</s>`, one after another. */
export const rowsOf = (documents: readonly { text: string }[], tokenizer: Tokenizer, sequence: number): Rows => {
  const separator = tokenizer.special.end;
  if (separator === undefined) throw new RangeError('The tokenizer names no end token');
  return packDocuments(
    documents.map(({ text }) => tokenizer.encode(text)),
    { sequence, separator },
  );
};
