/**
 * `npm run -w gpu-worker corpus [-- <folder>]`: text to train the base on, from the documentation of the installed packages
 * that `corpus/sources.json` lists. With `--renew` from all installed packages with permissive licences, and the list is written anew.
 */
import { resolve } from 'node:path';
import { CorpusError, corpusFolder, writeCorpus } from '../src/corpus/index.ts';
import { buildCorpus } from './corpus/build.ts';
import { permittedPackages } from './corpus/packages.ts';
import { listedOf, writeList } from './corpus/sources.ts';
import { summaryOf } from './corpus/summary.ts';

const started = performance.now();
const progress = (message: string) => {
  const seconds = (performance.now() - started) / 1_000;
  process.stderr.write(`${seconds.toFixed(1).padStart(6)} s  ${message}\n`);
};

const isRenewed = process.argv.includes('--renew');
const named = process.argv.slice(2).find((argument) => !argument.startsWith('--'));
const folder = named === undefined ? corpusFolder : resolve(process.env.INIT_CWD ?? '.', named);
try {
  const permitted = permittedPackages(resolve(import.meta.dirname, '../..'));
  progress(`${permitted.length} packages have permissive licences and are the same on every machine`);
  const chosen = isRenewed ? { packages: permitted } : listedOf(permitted);
  if ('missing' in chosen && chosen.missing.length > 0) {
    progress(`on the list and not installed, so this is another corpus: ${chosen.missing.join(' ')}`);
  }
  const { corpus, sources } = buildCorpus({ ...chosen, progress });
  if (isRenewed) writeList(sources);
  const summary = await writeCorpus(corpus, sources, folder);
  progress(`written to ${folder}`);
  process.stdout.write(summaryOf(summary));
} catch (error) {
  if (!(error instanceof CorpusError)) throw error;
  process.stderr.write(`corpus: ${error.message}\n`);
  process.exitCode = 1;
}
