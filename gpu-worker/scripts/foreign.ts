/**
 * `npm run -w gpu-worker foreign`: writes `base/foreign.jsonl`, texts that were held out of the base's training and are on nothing
 * that a datanet here is about. What an answer has in common with them is chance: the null band of attribution.
 */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Document } from '../src/corpus/index.ts';
import { buildCorpus } from './corpus/build.ts';
import { splitOutsideFences } from './corpus/clean.ts';
import { permittedPackages } from './corpus/packages.ts';
import { listedOf } from './corpus/sources.ts';

const root = resolve(import.meta.dirname, '../..');

/** Held out, and of no theme that a datanet of the local stack has. */
const packages =
  /^(@commander-js\/.*|@emotion\/.*|@floating-ui\/.*|@n1ru4l\/.*|@radix-ui\/.*|aes-js|base64-js|buffer-.*|clsx|color-convert|command-exists|cron-parser|define-.*|detect-package-manager|eastasianwidth|entities|escalade|fast-deep-equal|get-caller-file|globalthis|ieee754|jsbi|linkify-it|markdown-it|mdurl|object-keys|pony-cause|prettier|react|react-.*|require-directory|requires-port|safe-compare|scheduler|stacktrace-parser|tinyexec|transliteration|uc\.micro|vite-tsconfig-paths|webidl-conversions|whatwg-url)$/;

/** UTF-16 units. */
const shortest = 80;
const longest = 700;
/** Of one package, and of all. */
const mostOfOne = 24;
const most = 256;

/** Paragraphs with the headings that lead to them, as contributions have them. */
const textsOf = ({ text }: Document): readonly string[] => {
  const texts: string[] = [];
  let heading = '';
  for (const paragraph of splitOutsideFences(text)) {
    if (/^#{1,6} [^\n]*$/.test(paragraph)) heading = heading === '' ? paragraph : `${heading}\n\n${paragraph}`;
    else {
      texts.push(heading === '' ? paragraph : `${heading}\n\n${paragraph}`);
      heading = '';
    }
  }
  return texts.filter(({ length }) => length >= shortest && length <= longest);
};

const place = (text: string): string => createHash('sha256').update(text).digest('hex');

const chosen = listedOf(permittedPackages(root));
const licences = new Map<string, string>();
const { corpus, sources } = buildCorpus({ ...chosen, progress: (message) => process.stderr.write(`${message}\n`) });
for (const { name, version, licence } of sources) licences.set(`${name} ${version}`, licence);
const documents = [...corpus.heldOut, ...corpus.validation].filter((one) => packages.test(one.package));
const texts = documents.flatMap((document) => textsOf(document).map((text) => ({ document, text, at: place(text) })));
texts.sort((a, b) => (a.at < b.at ? -1 : 1));
const taken = new Map<string, number>();
const kept = texts
  .filter(({ document }) => {
    const count = (taken.get(document.package) ?? 0) + 1;
    taken.set(document.package, count);
    return count <= mostOfOne;
  })
  .slice(0, most);
const lines = kept.map(({ document: { package: name, version }, text }) =>
  JSON.stringify({ text, package: name, version, licence: licences.get(`${name} ${version}`) }),
);
await writeFile(resolve(root, 'gpu-worker/base/foreign.jsonl'), lines.map((line) => `${line}\n`).join(''));
const from = new Set(kept.map(({ document }) => document.package)).size;
process.stdout.write(`${kept.length} of ${texts.length} texts, of ${from} packages\n`);
