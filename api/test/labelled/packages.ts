import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export type Package = {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly keywords: readonly string[];
  readonly folder: string;
  readonly readme: string;
};

const root = dirname(dirname(createRequire(import.meta.url).resolve('typescript/package.json')));

/** Packages of this installation that have a licence and a README, by name; a scope's packages, which share texts, count once. */
export function packages(): readonly Package[] {
  const names = readdirSync(root)
    .filter((name) => !name.startsWith('.') && name !== '@openledger')
    .flatMap((name) =>
      name.startsWith('@')
        ? readdirSync(join(root, name))
            .slice(0, 1)
            .map((each) => `${name}/${each}`)
        : [name],
    )
    .sort();
  return names.flatMap((name) => {
    const folder = join(root, name);
    if (!existsSync(join(folder, 'package.json'))) return [];
    const json = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
    const file = readdirSync(folder).find((each) => /^readme\.(md|markdown)$/i.test(each));
    if (typeof json.license !== 'string' || typeof json.version !== 'string' || file === undefined) return [];
    return [
      {
        name,
        version: json.version,
        description: String(json.description ?? ''),
        license: json.license,
        keywords: Array.isArray(json.keywords) ? json.keywords.map(String) : [],
        folder: realpathSync(folder),
        readme: readFileSync(join(folder, file), 'utf8'),
      },
    ];
  });
}

/** The translations of one README, by language. */
export function translations(): readonly { readonly language: string; readonly text: string }[] {
  const folder = join(root, '@biomejs/biome');
  return readdirSync(folder)
    .flatMap((file) => /^README\.(.+)\.md$/.exec(file)?.[1] ?? [])
    .sort()
    .map((language) => ({ language, text: readFileSync(join(folder, `README.${language}.md`), 'utf8') }));
}
