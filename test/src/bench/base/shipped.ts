import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Corpus } from '@openledger/gpu-worker/corpus';
import { type Model, readModelFile } from '@openledger/gpu-worker/onnx';
import { loadTokenizer, type Tokenizer, trainBpe, writeTokenizer } from '@openledger/gpu-worker/tokenizer';

export type ShippedBase = {
  readonly model: Model;
  readonly tokenizer: Tokenizer;
  /** Tokens that it reads at once. */
  readonly contextLength: number;
  /** SHA-256 of the training text, where `training.json` has it. */
  readonly trainedOn: string | undefined;
};

/** The base in a folder as Hugging Face has them; `undefined` when there is none. */
export async function openBase(folder: string): Promise<ShippedBase | undefined> {
  const paths = ['model.onnx', 'onnx/model.onnx'].map((path) => join(folder, path));
  const there = await Promise.all(
    paths.map((path) =>
      access(path).then(
        () => path,
        () => undefined,
      ),
    ),
  );
  const path = there.find((one) => one !== undefined);
  if (path === undefined) return undefined;
  const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
  const training = await readFile(join(folder, 'training.json'), 'utf8').then(JSON.parse, () => ({}));
  return {
    model: await readModelFile(path),
    tokenizer: await loadTokenizer(folder),
    contextLength: config.max_position_embeddings,
    trainedOn: training.corpus?.files?.['train.jsonl']?.sha256,
  };
}

/** A tokenizer like the base's, where there is no base yet. */
export async function baseTokenizer({ train }: Corpus): Promise<Tokenizer> {
  const files = trainBpe(
    train.map(({ text }) => text),
    { vocabSize: 4_096, specialTokens: ['<s>', '</s>', '<pad>'], beginToken: '<s>' },
  );
  const folder = await mkdtemp(join(tmpdir(), 'openledger-tokenizer-'));
  try {
    await writeTokenizer(files, folder);
    return await loadTokenizer(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
