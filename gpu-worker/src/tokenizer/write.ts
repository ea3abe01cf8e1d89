import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TokenizerFiles } from './train.ts';

/** Writes `tokenizer.json` and `tokenizer_config.json` as Hugging Face's tokenizers reads them. */
export const writeTokenizer = async ({ tokenizer, config }: TokenizerFiles, folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'tokenizer.json'), `${JSON.stringify(tokenizer, undefined, 1)}\n`);
  await writeFile(join(folder, 'tokenizer_config.json'), `${JSON.stringify(config, undefined, 2)}\n`);
};
