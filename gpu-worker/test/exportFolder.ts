import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Architecture, fixtures } from './reference.ts';

export type ExportFolder = { readonly folder: string; readonly remove: () => Promise<void> };

const tokenizers = { gpt2: 'gpt2', llama: 'llama3', qwen2: 'gpt2', bert: 'bert' } as const;

/** An export with its configuration and a tokenizer, in one folder as Hugging Face lays it out. */
export const exportFolder = async (architecture: Architecture, exporter: string): Promise<ExportFolder> => {
  const folder = await mkdtemp(join(tmpdir(), `${architecture}-`));
  const model = `${fixtures}models/${architecture}`;
  for (const file of ['config.json', 'generation_config.json']) {
    await cp(join(model, file), join(folder, file)).catch((error: NodeJS.ErrnoException) => {
      // An encoder generates nothing, and has no such file.
      if (error.code !== 'ENOENT') throw error;
    });
  }
  for (const from of [join(model, exporter), `${fixtures}tokenizers/${tokenizers[architecture]}`]) {
    await cp(from, folder, { recursive: true });
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
};
