import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CorpusError } from './errors.ts';

/** One text, of one file of one installed package. */
export type Document = {
  readonly package: string;
  readonly version: string;
  /** Inside the package. */
  readonly path: string;
  readonly text: string;
};

/** A subject kept out of the base's training, so that learning it can be measured. Split by document. */
export type Domain = { readonly train: readonly Document[]; readonly heldOut: readonly Document[] };

/** Split by package: all documents of packages from one source are in one part. */
export type Corpus = {
  readonly train: readonly Document[];
  readonly validation: readonly Document[];
  readonly heldOut: readonly Document[];
  readonly domains: Readonly<Record<string, Domain>>;
};

/** An installed package that gave text. */
export type Source = {
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly licence: string;
  /** `train`, `validation`, `held-out` or the name of a domain. */
  readonly part: string;
  readonly documents: number;
  readonly bytes: number;
};

export type CorpusSummary = {
  /** SHA-256 over the files of documents in the order given here. */
  readonly sha256: string;
  readonly files: Readonly<
    Record<string, { readonly documents: number; readonly bytes: number; readonly sha256: string }>
  >;
  readonly sources: readonly Source[];
};

/** Where `npm run -w gpu-worker corpus` writes when it is not told. */
export const corpusFolder: string = resolve(import.meta.dirname, '../../../.openledger/corpus');

/** Writes each part as JSON Lines, and `corpus.json` with its hashes and sources. The same corpus gives the same bytes. */
export const writeCorpus = async (
  corpus: Corpus,
  sources: readonly Source[],
  folder: string,
): Promise<CorpusSummary> => {
  await mkdir(folder, { recursive: true });
  const files: Record<string, CorpusSummary['files'][string]> = {};
  for (const [name, documents] of partsOf(corpus)) {
    const lines = documents.map((document) => `${JSON.stringify(document)}\n`).join('');
    await writeFile(join(folder, name), lines);
    const bytes = documents.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    files[name] = { documents: documents.length, bytes, sha256: createHash('sha256').update(lines).digest('hex') };
  }
  const sha256 = createHash('sha256');
  for (const [name, file] of Object.entries(files)) sha256.update(`${name} ${file.sha256}\n`);
  const summary = { sha256: sha256.digest('hex'), files, sources };
  await writeFile(join(folder, 'corpus.json'), `${JSON.stringify(summary, undefined, 1)}\n`);
  return summary;
};

/** @throws CorpusError when there is none, or a file is not as it was written. */
export const readCorpus = async (folder: string = corpusFolder): Promise<Corpus> => {
  const { files } = await readCorpusSummary(folder);
  const parts = new Map<string, readonly Document[]>();
  for (const [name, { sha256 }] of Object.entries(files)) {
    const lines = await readFile(join(folder, name), 'utf8').catch(() => '');
    if (createHash('sha256').update(lines).digest('hex') !== sha256) {
      throw new CorpusError(
        `${join(folder, name)} is not as it was written; build it again: npm run -w gpu-worker corpus`,
      );
    }
    parts.set(
      name,
      lines
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Document),
    );
  }
  const part = (name: string) => parts.get(`${name}.jsonl`) ?? [];
  const domains = [...parts.keys()].flatMap((name) => /^domain-(.*)-train\.jsonl$/.exec(name)?.[1] ?? []);
  return {
    train: part('train'),
    validation: part('validation'),
    heldOut: part('held-out'),
    domains: Object.fromEntries(
      domains.map((name) => [name, { train: part(`domain-${name}-train`), heldOut: part(`domain-${name}-held-out`) }]),
    ),
  };
};

/** @throws CorpusError when there is none. */
export const readCorpusSummary = async (folder: string = corpusFolder): Promise<CorpusSummary> => {
  try {
    return JSON.parse(await readFile(join(folder, 'corpus.json'), 'utf8')) as CorpusSummary;
  } catch {
    throw new CorpusError(`There is no corpus in ${folder}; build it: npm run -w gpu-worker corpus`);
  }
};

const partsOf = ({ train, validation, heldOut, domains }: Corpus): readonly [string, readonly Document[]][] => [
  ['train.jsonl', train],
  ['validation.jsonl', validation],
  ['held-out.jsonl', heldOut],
  ...Object.entries(domains).flatMap(([name, domain]): [string, readonly Document[]][] => [
    [`domain-${name}-train.jsonl`, domain.train],
    [`domain-${name}-held-out.jsonl`, domain.heldOut],
  ]),
];
