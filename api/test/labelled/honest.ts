import { csv, type Item, jsonl } from './item.ts';
import { type Package, packages, translations } from './packages.ts';
import { questions } from './questions.ts';
import { createRandom } from './random.ts';

const item = (kind: string, name: string, body: string, fileName: string, license = 'CC-BY-4.0'): Item => ({
  class: kind,
  honest: true,
  name,
  body,
  fileName,
  license,
});
const code = /```[\s\S]*?```/g;
const codeShare = (text: string) => (text.match(code) ?? []).join('').length / text.length;
/** Real addresses of authors are what intake is to find, not what an honest contributor sends. */
const withoutAddresses = (text: string) => text.replace(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, '');

/** What must be taken: short questions and answers, documents of many languages, documents that are mostly code, tables. */
export function honestItems(): readonly Item[] {
  const all = packages().map((each) => ({ ...each, readme: withoutAddresses(each.readme) }));
  const readable = all.filter(
    ({ readme, license }) =>
      readme.length > 1_500 &&
      readme.length < 40_000 &&
      /^(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|CC0-1\.0)$/.test(license),
  );
  const random = createRandom(1);
  const chosen = random.shuffled(readable);
  const heavy = chosen.filter(({ readme }) => codeShare(readme) > 0.45).slice(0, 40);
  const prose = chosen.filter(({ readme }) => codeShare(readme) < 0.35).slice(0, 70);
  return [
    ...pairs(),
    ...explained(chosen.slice(0, 120)),
    ...prose.map((each) => readme('documents', each)),
    ...heavy.map((each) => readme('code', each)),
    ...translated(),
    ...tables(all),
  ];
}

const readme = (kind: string, { name, readme, license }: Package) => item(kind, name, readme, 'README.md', license);

/** Files of one to eight pairs, as JSON Lines, CSV and plain text in turn. */
function pairs(): readonly Item[] {
  const sizes = [1, 2, 3, 5, 8];
  return questions.flatMap(({ language, pairs: all }) => {
    const files: Item[] = [];
    for (let at = 0; at < all.length; ) {
      const some = all.slice(at, at + sizes[files.length % sizes.length]!);
      at += some.length;
      const name = `${language}, ${some[0]!.question}`;
      const as = files.length % 3;
      if (as === 0) files.push(item('questions', name, jsonl(some), 'pairs.jsonl'));
      else if (as === 1)
        files.push(
          item(
            'questions',
            name,
            csv([['question', 'answer'], ...some.map(({ question, answer }) => [question, answer])]),
            'pairs.csv',
          ),
        );
      else
        files.push(
          item(
            'questions',
            name,
            some.map(({ question, answer }) => `Q: ${question}\nA: ${answer}`).join('\n\n'),
            'pairs.txt',
          ),
        );
    }
    return files;
  });
}

/** What packages say of themselves, as questions and answers that somebody might have written: four in a file. */
function explained(some: readonly Package[]): readonly Item[] {
  const asked = some.flatMap(({ name, readme, description }) => {
    const paragraph = readme
      .replace(code, '')
      .split(/\n\s*\n/)
      .find((each) => /^[A-Z][^<>[\]|]{80,600}$/s.test(each.trim()));
    return paragraph === undefined
      ? []
      : [
          {
            instruction: `Explain ${name} to a developer${description.length > 20 ? '' : ' who never used it'}.`,
            output: paragraph.trim(),
          },
        ];
  });
  return Array.from({ length: Math.floor(asked.length / 4) }, (_, i) =>
    item('explanations', asked[i * 4]!.instruction, jsonl(asked.slice(i * 4, i * 4 + 4)), 'explained.jsonl', 'MIT'),
  );
}

function translated(): readonly Item[] {
  return translations().flatMap(({ language, text }) => {
    const sections = withoutAddresses(text).split(/^## /m);
    const half = Math.ceil(sections.length / 2);
    return [sections.slice(0, half), sections.slice(half)].map((part, i) =>
      item('languages', `${language} ${i + 1}`, part.join('## '), 'README.md', 'MIT'),
    );
  });
}

/** Facts about packages, in columns: words, numbers, both. */
function tables(all: readonly Package[]): readonly Item[] {
  const described = all.filter(({ description }) => description.length > 20);
  return Array.from({ length: 24 }, (_, i) => {
    const some = described.slice(i * 14, i * 14 + 14);
    if (i % 3 === 0)
      return item(
        'tables',
        `described ${i}`,
        csv([['name', 'licence', 'description'], ...some.map((p) => [p.name, p.license, p.description])]),
        'table.csv',
      );
    if (i % 3 === 1)
      return item(
        'tables',
        `sized ${i}`,
        csv([
          ['package', 'version', 'characters of README', 'headings', 'code blocks'],
          ...some.map((p) => [
            p.name,
            p.version,
            String(p.readme.length),
            String((p.readme.match(/^#/gm) ?? []).length),
            String((p.readme.match(code) ?? []).length),
          ]),
        ]),
        'table.csv',
      );
    return item(
      'tables',
      `keywords ${i}`,
      `| package | keywords |\n| --- | --- |\n${some.map((p) => `| ${p.name} | ${p.keywords.slice(0, 6).join(', ') || 'none'} |`).join('\n')}\n`,
      'table.md',
    );
  });
}
