import type { Corpus, Document, Source } from '../../src/corpus/index.ts';
import { createDocuments } from './documents.ts';
import { type InstalledPackage, keyOf } from './packages.ts';
import { domainOf, domains, isHeldOut, splitByOrigin } from './parts.ts';
import { createUnseen } from './unseen.ts';

export type BuiltCorpus = { readonly corpus: Corpus; readonly sources: readonly Source[] };

export type BuildOptions = {
  /** In the order in which what they share goes to the first. */
  packages: readonly InstalledPackage[];
  /** The parts of packages by `name@version`, where they are settled. */
  parts?: ReadonlyMap<string, string>;
  progress: (message: string) => void;
};

/** Builds the corpus from installed packages. The same packages give the same corpus. */
export const buildCorpus = ({ packages, parts, progress }: BuildOptions): BuiltCorpus => {
  const read = createDocuments();
  const documented = packages.flatMap((installed, index) => {
    if (index % 100 === 99) progress(`${index + 1} of ${packages.length} packages read`);
    const documents = read(installed);
    return documents.length === 0 ? [] : [{ installed, documents, bytes: bytesOf(documents) }];
  });
  const byOrigin = new Map<string, number>();
  for (const { installed, bytes } of documented) {
    if (domainOf(installed) !== undefined) continue;
    byOrigin.set(installed.origin, (byOrigin.get(installed.origin) ?? 0) + bytes);
  }
  const split = splitByOrigin(byOrigin);
  const parted = documented.map((one) => ({
    ...one,
    part: parts?.get(keyOf(one.installed)) ?? domainOf(one.installed) ?? split.get(one.installed.origin) ?? 'train',
  }));
  const documentsOf = (name: string): readonly Document[] =>
    parted.flatMap(({ part, documents }) => (part === name ? documents : []));
  const train = documentsOf('train');
  const unseen = createUnseen(train);
  const corpus: Corpus = {
    train,
    validation: documentsOf('validation'),
    heldOut: unseen(documentsOf('held-out')),
    domains: Object.fromEntries(
      domains.map(({ name }) => {
        const documents = documentsOf(name);
        const learnt = documents.filter((one) => !isHeldOut(one));
        return [name, { train: learnt, heldOut: createUnseen([...train, ...learnt])(documents.filter(isHeldOut)) }];
      }),
    ),
  };
  return { corpus, sources: sourcesOf(parted) };
};

type Parted = {
  readonly installed: InstalledPackage;
  readonly part: string;
  readonly documents: readonly Document[];
  readonly bytes: number;
};

const sourcesOf = (parted: readonly Parted[]): readonly Source[] =>
  parted.map(({ installed: { name, version, licence }, part, documents, bytes }) => ({
    name,
    version,
    licence,
    part,
    documents: documents.length,
    bytes,
  }));

const bytesOf = (documents: readonly Document[]): number =>
  documents.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
