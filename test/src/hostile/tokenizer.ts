import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseTokenizer, TokenizerError } from '@openledger/gpu-worker/tokenizer';
import type { Format } from './format.ts';
import { jsonFileMutators } from './jsonText.ts';
import { jsonTreeMutators } from './jsonTree.ts';

const text = "It's 12345 naïve\u0085 tests: 日本語 🙂\n\n\tof <s> [MASK] white   space, and of what follows it.";

export const tokenizer: Format = {
  name: 'tokenizer',
  seeds: () =>
    Promise.all(
      ['bert', 'gpt2', 'llama3'].map(
        async (name) =>
          new Uint8Array(
            await readFile(
              join(import.meta.dirname, '../../../gpu-worker/fixtures/tokenizers', name, 'tokenizer.json'),
            ),
          ),
      ),
    ),
  read: (bytes) => {
    const read = parseTokenizer(bytes);
    const ids = read.encode(text);
    // What was let through gives ids that a model of that size can look up, and decodes them whole and one by one.
    if (!ids.every((id) => Number.isInteger(id) && id >= 0 && id < read.vocabSize)) {
      throw new Error(`An id is not below ${read.vocabSize}: ${ids}`);
    }
    read.decode(ids);
    const stream = read.createStream();
    for (const id of ids) stream.push(id);
    stream.end();
  },
  isRefusal: (error) => error instanceof TokenizerError,
  mutators: [...jsonFileMutators, ...jsonTreeMutators],
  mostBytes: (fileBytes) => 65_536 + 8 * fileBytes,
};
