import { createHash } from 'node:crypto';
import type { Document } from '../../src/corpus/index.ts';
import { clean, isReadable, paragraphsOf } from './clean.ts';
import { commentsOf } from './comments.ts';
import { filesOf, type SourceFile } from './files.ts';
import { createNearDuplicates } from './near-duplicates.ts';
import type { InstalledPackage } from './packages.ts';

/** UTF-16 units. What is longer is cut into several documents at the end of a paragraph. */
const longest = 24_000;
export const shortest = 200;
const changelogLimit = 3_000;
/** One package does not teach more than this, bytes. */
const packageLimit = 2_000_000;

/**
 * Turns packages into documents, one package after the other; paragraphs and documents that an earlier one had are left out,
 * whatever part it is in, so that no held-out text was trained on.
 */
export const createDocuments = (): ((installed: InstalledPackage) => readonly Document[]) => {
  const paragraphs = new Set<string>();
  const isNearDuplicate = createNearDuplicates({ shingleWords: 5, threshold: 0.7 });
  const isNew = (paragraph: string): boolean => {
    if (paragraph.length < 60) return true;
    const key = createHash('sha1').update(paragraph.replace(/\s+/g, ' ')).digest('base64');
    if (paragraphs.has(key)) return false;
    paragraphs.add(key);
    return true;
  };
  return ({ name, version, folder }) => {
    const documents: Document[] = [];
    let bytes = 0;
    for (const file of filesOf(folder)) {
      for (const text of textsOf(file, isNew)) {
        if (bytes > packageLimit) return documents;
        if (text.length < shortest || !isReadable(text) || isNearDuplicate(text)) continue;
        documents.push({ package: name, version, path: file.path, text });
        bytes += Buffer.byteLength(text);
      }
    }
    return documents;
  };
};

const textsOf = ({ path, kind, text }: SourceFile, isNew: (paragraph: string) => boolean): readonly string[] => {
  const raw = kind === 'markdown' ? paragraphsOf(clean(text)) : commentsOf(text).map(clean);
  const kept = raw.filter((paragraph) => isReadable(paragraph) && isNew(paragraph));
  // Of a comment's short lines some stand everywhere; in a file of comments each is kept once.
  const own = kind === 'markdown' ? kept : [...new Set(kept)];
  const texts = pack(own);
  return /change|history|release|migrat/i.test(path)
    ? texts.slice(0, 1).map((first) => first.slice(0, changelogLimit))
    : texts;
};

const pack = (paragraphs: readonly string[]): readonly string[] => {
  const texts: string[] = [];
  let text = '';
  for (const paragraph of paragraphs) {
    if (text !== '' && text.length + paragraph.length > longest) {
      texts.push(text);
      text = '';
    }
    text += text === '' ? paragraph : `\n\n${paragraph}`;
  }
  return text === '' ? texts : [...texts, text];
};
