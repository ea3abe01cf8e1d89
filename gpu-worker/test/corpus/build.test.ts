import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildCorpus } from '../../scripts/corpus/build.ts';
import { permittedPackages } from '../../scripts/corpus/packages.ts';
import { CorpusError, readCorpus, writeCorpus } from '../../src/corpus/index.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'corpus-'));
});
afterEach(() => rm(root, { recursive: true }));

type Package = { license?: string; lock?: object; files?: Record<string, string> };

/** Installs packages: what npm would leave behind. */
const install = async (packages: Record<string, Package>) => {
  const entries: Record<string, object> = { '': { name: 'root' } };
  for (const [key, { license = 'MIT', lock = {}, files = {} }] of Object.entries(packages)) {
    const [, name, version] = /^(.+)@(.+)$/.exec(key)!;
    const path = `node_modules/${name}`;
    entries[path] = { version, ...lock };
    const all = { 'package.json': JSON.stringify({ name, version, license }), ...files };
    for (const [file, text] of Object.entries(all)) {
      await mkdir(dirname(join(root, path, file)), { recursive: true });
      await writeFile(join(root, path, file), text);
    }
  }
  await writeFile(join(root, 'package-lock.json'), JSON.stringify({ packages: entries }));
};

/** Readable text of its own for each subject; seldom two sentences alike. */
const prose = (subject: string, sentences = 12) =>
  Array.from({ length: sentences }, (_, i) => {
    const word = (n: number) =>
      `${subject}${((i + 1) * (n + 3) * 7919) % 997}`.replace(/\d/g, (digit) => 'abcdefghij'[Number(digit)]!);
    return `The ${word(1)} of a ${word(2)} makes every ${word(3)} wait until the ${word(4)} is done with ${word(5)}.`;
  }).join('\n\n');

const build = (parts: Record<string, string> = {}) =>
  buildCorpus({ packages: permittedPackages(root), parts: new Map(Object.entries(parts)), progress: () => {} });

test('text under licences that do not allow any use is never trained on, whatever package.json says', async () => {
  const files = (name: string) => ({ 'README.md': prose(name) });
  await install({
    'free@1.0.0': { files: files('free') },
    'either@1.0.0': { license: '(MIT OR GPL-3.0-only)', files: files('either') },
    'both@1.0.0': { license: 'MIT AND CC-BY-4.0', files: files('both') },
    'copyleft@1.0.0': { license: 'GPL-3.0-only', files: files('copyleft') },
    'closed@1.0.0': { license: 'UNLICENSED', files: files('closed') },
    'lying@1.0.0': { files: { ...files('lying'), LICENSE: 'GNU GENERAL PUBLIC LICENSE Version 3' } },
  });
  expect(build().sources.map(({ name, licence }) => [name, licence])).toEqual([
    ['either', '(MIT OR GPL-3.0-only)'],
    ['free', 'MIT'],
  ]);
});

test('packages that only some machines install are left out, so that all build the same corpus', async () => {
  const files = { 'README.md': prose('native') };
  await install({
    'linux@1.0.0': { lock: { os: ['linux'] }, files },
    'arm@1.0.0': { lock: { cpu: ['arm64'] }, files },
    'optional@1.0.0': { lock: { optional: true }, files },
  });
  expect(build().sources).toEqual([]);
});

test('a package that the lockfile has and the folder has not is named, with the command that mends it', async () => {
  await install({ 'gone@1.0.0': {} });
  await rm(join(root, 'node_modules'), { recursive: true });
  expect(() => permittedPackages(root)).toThrow(CorpusError);
  expect(() => permittedPackages(root)).toThrow(/gone@1.0.0 of package-lock.json is not in .*; run npm install/);
});

test('held-out text is none that was trained on: neither a package, nor a paragraph that another one quotes', async () => {
  const quoted = prose('quoted', 1);
  const nearly = quoted.replace('The ', 'Then the ');
  await install({
    'learnt@1.0.0': { files: { 'README.md': `${prose('learnt')}\n\n${quoted}` } },
    'unseen@1.0.0': { files: { 'README.md': `${prose('unseen')}\n\n${nearly}` } },
  });
  const { corpus } = build({ 'learnt@1.0.0': 'train', 'unseen@1.0.0': 'held-out' });
  expect(corpus.train.map((document) => document.package)).toEqual(['learnt']);
  expect(corpus.heldOut.map((document) => document.package)).toEqual(['unseen']);
  expect(corpus.train[0]!.text).toContain(quoted);
  expect(corpus.heldOut[0]!.text).toBe(prose('unseen'));
});

test('a document that is nearly another one is there once', async () => {
  const text = prose('same', 30);
  await install({
    'first@1.0.0': { files: { 'README.md': text } },
    'second@1.0.0': { files: { 'README.md': text.replaceAll('\n\n', '\n').replace('The ', 'A ') } },
  });
  const { corpus } = build({ 'first@1.0.0': 'train', 'second@1.0.0': 'train' });
  expect(corpus.train.map((document) => document.package)).toEqual(['first']);
});

test('domains are kept apart, with documents to learn from and others to be asked about', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [
      `contracts/C${i}.sol`,
      `/**\n * ${prose(`vault${'abcdefghijklmnopqrst'[i]}`, 4).replaceAll('\n\n', '\n * ')}\n */\ncontract C${i} {}`,
    ]),
  );
  await install({ '@openzeppelin/contracts@5.0.0': { files } });
  const { corpus } = build();
  const { train, heldOut } = corpus.domains.solidity!;
  expect([corpus.train, corpus.validation, corpus.heldOut]).toEqual([[], [], []]);
  expect(train.length + heldOut.length).toBe(20);
  expect(heldOut.length).toBeGreaterThan(0);
  expect(train[0]!.text).toMatch(/contract C\d+ \{\}$/);
});

test('the same packages give the same bytes, and what was written is read back', async () => {
  await install({
    'one@1.0.0': { files: { 'README.md': prose('one') } },
    'two@1.0.0': { files: { 'README.md': prose('two') } },
  });
  const [first, second] = [build(), build()];
  const written = await writeCorpus(first.corpus, first.sources, join(root, 'first'));
  expect(await writeCorpus(second.corpus, second.sources, join(root, 'second'))).toEqual(written);
  expect(await readCorpus(join(root, 'first'))).toEqual(first.corpus);
});

test('a corpus that is not there or was changed is not read', async () => {
  await expect(readCorpus(join(root, 'nowhere'))).rejects.toThrow(/There is no corpus .*npm run -w gpu-worker corpus/);
  const { corpus, sources } = { corpus: { train: [], validation: [], heldOut: [], domains: {} }, sources: [] };
  await writeCorpus(corpus, sources, root);
  await writeFile(join(root, 'train.jsonl'), '{}\n');
  await expect(readCorpus(root)).rejects.toThrow(/train.jsonl is not as it was written/);
});
