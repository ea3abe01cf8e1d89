import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { id, keccak256, toUtf8Bytes } from 'ethers';
import { createNoveltyIndex } from './novelty.ts';
import { filesOf, type InstalledPackage, installedPackages, order } from './packages.ts';
import { commentRows, markdownRows, paragraphRows } from './rows.ts';
import { judge } from './rubric.ts';
import { type DocumentKind, type Theme, themes } from './themes.ts';

/** One contribution's worth of real text. */
export type Text = {
  /** For people: "README of zod", "docs/api.md of pino, part 2 of 5". */
  readonly title: string;
  readonly theme: Theme;
  readonly kind: DocumentKind;
  readonly rows: readonly string[];
  /** JSON Lines, one {"text": row} for each row: the exact bytes that contentHash is the keccak256 of. */
  readonly body: string;
  readonly contentHash: `0x${string}`;
  readonly provenance: Provenance;
  /** What a careless contributor would hand in: release notes, stubs, another copy of what stands elsewhere. */
  readonly careless: boolean;
  /** Set on a copy from another version of a package: the title that both share. */
  readonly copyOf: string | undefined;
};

export type Provenance = {
  readonly package: string;
  readonly version: string;
  readonly authors: readonly string[];
  /** SPDX licence expression. */
  readonly licence: string;
  readonly repository?: string;
  /** Where in the package. */
  readonly path: string;
};

/** The folder that the packages of this installation are in. */
export function installedNodeModules(): string {
  return dirname(dirname(createRequire(import.meta.url).resolve('typescript/package.json')));
}

/** Every text that the datanets of the scenario can be given, by content hash and by theme. */
export type Library = {
  readonly texts: readonly Text[];
  readonly of: (theme: Theme) => readonly Text[];
  readonly find: (contentHash: string) => Text | undefined;
  /** For each theme, two texts from different installed versions of a package that are nearly, not exactly, the same. */
  readonly twins: readonly Twins[];
};

export type Twins = { readonly original: Text; readonly copy: Text };

const maxRows = 40;
const maxCharacters = 16_000;
const commentSources = /^(type-fest|hono|fast-check|graphql|@openzeppelin\/contracts)$/;
const emailAddress = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;

/**
 * Reads the library from the packages that are installed. The same packages give the same texts in the same order.
 * E-mail addresses are left out: a datanet should not hold them.
 */
export function openLibrary(nodeModules: string): Library {
  const packages = installedPackages(nodeModules);
  const seen = new Set<string>();
  const texts: Text[] = [];
  for (const theme of themes) {
    const found = packages
      .filter((each) => theme.packages.test(each.name))
      .flatMap((each) => documentsOf(each, theme).flatMap((document) => textsOf(document, each, theme)));
    for (const text of theme.kinds.includes('licence') ? oneOfEachWording(found) : found) {
      const key = `${theme.name}/${text.contentHash}`;
      if (seen.has(key)) continue;
      seen.add(key);
      texts.push(text);
    }
  }
  const byHash = new Map(texts.map((text) => [text.contentHash as string, text]));
  const byTheme = new Map(themes.map((theme) => [theme, shuffled(texts.filter((text) => text.theme === theme))]));
  const twins = findTwins(texts);
  return { texts, twins, of: (theme) => byTheme.get(theme) ?? [], find: (contentHash) => byHash.get(contentHash) };
}

/** Pairs good enough to be accepted each for itself, of which the second says little that the first does not. */
function findTwins(texts: readonly Text[]): readonly Twins[] {
  const twins: Twins[] = [];
  for (const copy of texts) {
    if (twins.some(({ original }) => original.theme === copy.theme)) continue;
    if (copy.copyOf === undefined || copy.kind !== 'readme' || copy.rows.length < 8) continue;
    const original = texts.find(
      (each) =>
        each.theme === copy.theme && !each.careless && titleOfPart(each) === copy.copyOf && each.kind === copy.kind,
    );
    if (original === undefined) continue;
    const index = createNoveltyIndex();
    index.add(0n, original.rows.join('\n'));
    const share = index.nearest(copy.rows.join('\n'), () => true)?.share ?? 0;
    const good = [original, copy].every(
      ({ rows, contentHash, theme }) =>
        judge('viktor', { rows, contentHash, nearest: undefined }).score > theme.scoreThreshold + 10n ** 17n,
    );
    if (share >= 0.8 && good) twins.push({ original, copy });
  }
  return twins;
}

function titleOfPart({ title }: Text): string {
  const [, whole, part] = /^(.*?)(?:, part (\d+) of \d+)?$/.exec(title) ?? [];
  return `${whole}, part ${part ?? 1}`;
}

type Document = { kind: DocumentKind; label: string; path: string; rows: readonly string[]; careless: boolean };

function documentsOf(source: InstalledPackage, { kinds }: Theme): readonly Document[] {
  const documents: Document[] = [];
  const add = (kind: DocumentKind, label: string, path: string, split: (text: string) => readonly string[]) => {
    const rows = split(readFileSync(join(source.folder, path), 'utf8').replace(emailAddress, '[address]'));
    const size = rows.reduce((sum, row) => sum + row.length, 0);
    if (rows.length === 0) return;
    documents.push({ kind, label, path, rows, careless: source.nested || kind === 'changelog' || size < 700 });
  };
  if (kinds.includes('readme')) {
    for (const path of filesOf(source.folder, /^readme\.(md|markdown)$/i, 0))
      add('readme', 'README', path, markdownRows);
    for (const path of filesOf(source.folder, /^changelog\.md$/i, 0)) {
      add('changelog', 'CHANGELOG', path, (text) => markdownRows(text).slice(0, maxRows));
    }
  }
  if (kinds.includes('docs')) {
    for (const path of filesOf(source.folder, /^(docs|skills)\/.*\.md$/i)) add('docs', path, path, markdownRows);
  }
  if (kinds.includes('licence')) {
    for (const path of filesOf(source.folder, /^licen[cs]e(\.md|\.txt|-mit)?$/i, 0)) {
      add('licence', 'LICENSE', path, paragraphRows);
    }
  }
  if (kinds.includes('comments') && commentSources.test(source.name)) documents.push(...comments(source));
  return documents;
}

/** Solidity files stand alone; the short comments of type declarations are taken together, a whole package's in turn. */
function comments(source: InstalledPackage): readonly Document[] {
  const read = (path: string) => commentRows(readFileSync(join(source.folder, path), 'utf8'));
  const solidity = filesOf(source.folder, /\.sol$/).map((path) => ({ path, rows: read(path) }));
  const documents: Document[] = solidity
    .filter(({ rows }) => rows.length >= 4)
    .map(({ path, rows }) => ({ kind: 'comments', label: path, path, rows, careless: source.nested }));
  const declarations = filesOf(source.folder, /^(?!.*(test|internal)).*\.d\.ts$/).flatMap(read);
  const distinct = [...new Set(declarations)];
  if (distinct.length >= 8) {
    documents.push({
      kind: 'comments',
      label: 'type comments',
      path: '*.d.ts',
      rows: distinct,
      careless: source.nested,
    });
  }
  return documents;
}

function textsOf(document: Document, source: InstalledPackage, theme: Theme): readonly Text[] {
  const parts = chunks(document.rows);
  return parts.map((rows, index) => {
    const whole = `${document.label} of ${source.name}`;
    const title = parts.length === 1 ? whole : `${whole}, part ${index + 1} of ${parts.length}`;
    const body = rows.map((text) => `${JSON.stringify({ text })}\n`).join('');
    return {
      title: source.nested ? `${title} (version ${source.version})` : title,
      theme,
      kind: document.kind,
      rows,
      body,
      contentHash: keccak256(toUtf8Bytes(body)) as `0x${string}`,
      provenance: {
        package: source.name,
        version: source.version,
        authors: source.authors,
        licence: source.licence,
        ...(source.repository === undefined ? {} : { repository: source.repository }),
        path: document.path,
      },
      careless: document.careless,
      copyOf: source.nested ? `${whole}, part ${index + 1}` : undefined,
    };
  });
}

function chunks(rows: readonly string[]): readonly (readonly string[])[] {
  const parts: string[][] = [];
  let characters = 0;
  for (const row of rows) {
    const part = parts.at(-1);
    if (part === undefined || part.length >= maxRows || characters + row.length > maxCharacters) {
      parts.push([row]);
      characters = row.length;
    } else {
      part.push(row);
      characters += row.length;
    }
  }
  // A few rows left over are no document of their own.
  const [last, before] = [parts.at(-1), parts.at(-2)];
  if (before !== undefined && last !== undefined && last.length < 8) parts.splice(-2, 2, [...before, ...last]);
  return parts;
}

/** Hundreds of packages carry the same licence: the first of each wording counts, a few more copies are careless ones. */
function oneOfEachWording(texts: readonly Text[]): readonly Text[] {
  const copies = new Map<string, number>();
  return texts.flatMap((text) => {
    // A licence file in parts lists the licences of bundled packages, whose authors are others.
    if (text.title.includes(', part ')) return [];
    const wording = text.rows
      .filter((row) => !/copyright \(?c?\)?/i.test(row.slice(0, 120)))
      .join(' ')
      .replace(/\W+/g, ' ')
      .toLowerCase();
    const count = copies.get(wording) ?? 0;
    copies.set(wording, count + 1);
    if (count >= 4) return [];
    return [{ ...text, careless: count > 0 }];
  });
}

/** An order that looks like chance and is the same every time. */
function shuffled(texts: readonly Text[]): readonly Text[] {
  return texts
    .map((text) => ({ text, rank: id(`${text.theme.name}/${text.title}`) }))
    .sort((a, b) => order(a.rank, b.rank))
    .map(({ text }) => text);
}
