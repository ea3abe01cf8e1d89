import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import names from './names.json' with { type: 'json' };

export type Package = {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly keywords: readonly string[];
  readonly folder: string;
  readonly readme: string;
};

type Json = Record<string, unknown>;
const root = dirname(dirname(createRequire(import.meta.url).resolve('typescript/package.json')));

/**
 * The packages that the labelled set is made of, in the order of their names. They are listed, not found: what is installed besides,
 * now or later, does not change what is measured. All of them have a licence and a README, and are there on every platform.
 * @throws if one is not installed
 */
export function packages(): readonly Package[] {
  return names.map((name) => {
    const folder = join(root, name);
    const json = existsSync(folder) ? (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Json) : {};
    const file = existsSync(folder) && readdirSync(folder).find((each) => /^readme\.(md|markdown)$/i.test(each));
    if (typeof json.license !== 'string' || typeof json.version !== 'string' || !file)
      throw new Error(
        `The labelled set is made of ${name} among others, which is not installed any more, or without its README. Take it off names.json, then measure anew (npm run bench -- intake) and bring the table in docs/contributing-data.md up to date.`,
      );
    return {
      name,
      version: json.version,
      description: String(json.description ?? ''),
      license: json.license,
      keywords: Array.isArray(json.keywords) ? json.keywords.map(String) : [],
      folder: realpathSync(folder),
      readme: readFileSync(join(folder, file), 'utf8'),
    };
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
