import { exampleOf } from '@openledger/gpu-worker/attribution/examples';
import type { Library } from '../library.ts';
import { chance } from '../scene.ts';
import type { Theme } from '../themes.ts';

/** A question about a datanet's subject: one that some text on it answers. @param key what the choice depends on */
export function questionAbout(library: Library, theme: Theme, key: string | number): string | undefined {
  const texts = library.of(theme).filter(({ careless }) => !careless);
  const first = Math.floor(chance('question', theme.name, key) * texts.length);
  for (let i = 0; i < texts.length; i++) {
    const examples = texts[(first + i) % texts.length]!.rows.flatMap((row) => exampleOf(row) ?? []);
    const chosen = examples[Math.floor(chance('example', theme.name, key) * examples.length)];
    if (chosen !== undefined) return chosen.question;
  }
  return undefined;
}
