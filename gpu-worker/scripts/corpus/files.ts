import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Markdown first, then types, then sources: of comments that say the same, the first is kept. */
const kinds = [
  { kind: 'markdown', pattern: /\.(md|mdx|markdown)$/i },
  { kind: 'comments', pattern: /\.d\.[cm]?ts$/ },
  { kind: 'comments', pattern: /\.sol$/ },
  { kind: 'comments', pattern: /(?<!\.d)\.[cm]?tsx?$/ },
  { kind: 'comments', pattern: /(?<!\.min)\.[cm]?js$/ },
] as const;

/** Licences say the same everywhere; tests, fixtures and bundled copies of other packages are no documentation. */
const left =
  /(^|\/)(licen[cs]e|copying|notice|third.?party|authors|contributors|code_of_conduct|security)[^/]*$|(^|\/)(test|tests|__tests__|fixtures|vendor|third_party|locales?|i18n|nls)\//i;

const sizeLimit = 3_000_000;

export type SourceFile = { readonly path: string; readonly kind: 'markdown' | 'comments'; readonly text: string };

/** The files of a package that may hold documentation, in an order that is the same everywhere. */
export function* filesOf(folder: string): Generator<SourceFile> {
  const paths = walk(folder, '').sort((a, b) => (a < b ? -1 : 1));
  for (const { kind, pattern } of kinds) {
    for (const path of paths) {
      if (!pattern.test(path) || left.test(path)) continue;
      if (statSync(join(folder, path)).size > sizeLimit) continue;
      yield { path, kind, text: readFileSync(join(folder, path), 'utf8').replaceAll('\r\n', '\n') };
    }
  }
}

const walk = (folder: string, inside: string): string[] =>
  readdirSync(join(folder, inside), { withFileTypes: true }).flatMap((entry) => {
    const path = inside === '' ? entry.name : `${inside}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : walk(folder, path);
    return entry.isFile() ? [path] : [];
  });
