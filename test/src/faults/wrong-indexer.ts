import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Command, indexerCommand } from '@openledger/indexer';

/** A copy of the indexer that differs in one place. */
export type WrongIndexer = { readonly command: Command; remove(): Promise<void> };

const packages = join(import.meta.dirname, '..', '..', '..');
const left = ['node_modules', 'test', '.ponder', '.turbo'];

/**
 * Copies the indexer beside itself, where its imports lead to the same packages, and changes one line of the copy.
 * @param options.file within the indexer's folder.
 * @throws Error when the file does not hold the line exactly once: the copy would not be wrong.
 */
export async function copyIndexer(options: {
  readonly file: string;
  readonly line: string;
  readonly instead: string;
}): Promise<WrongIndexer> {
  const { file, line, instead } = options;
  const original = indexerCommand().cwd;
  const folder = await mkdtemp(join(packages, '.wrong-indexer-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const filter = (path: string) => !left.includes(path.slice(original.length).split(sep)[1] ?? '');
    await cp(original, folder, { recursive: true, filter });
    const changed = join(folder, file);
    const parts = (await readFile(changed, 'utf8')).split(line);
    if (parts.length !== 2) throw new Error(`${basename(file)} holds ${line} ${parts.length - 1} times, not once.`);
    await writeFile(changed, parts.join(instead));
    const { indexerCommand: command } = (await import(pathToFileURL(join(folder, 'run', 'command.ts')).href)) as {
      indexerCommand: typeof indexerCommand;
    };
    return { command: command(), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
