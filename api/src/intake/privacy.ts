import type { IntakeFinding } from '@openledger/db/app';
import { rowsNamed } from './finding.ts';
import { type Leak, personalData } from './persons.ts';
import { type Reading, unitOf } from './row.ts';
import { newBudget, secrets } from './secrets.ts';

/** Different e-mail addresses or telephone numbers from which on a file is a list of people. */
const list = 5;

/**
 * Personal data and secrets: one secret, card, account or identity number refuses; addresses and telephone numbers are held,
 * and refused when they are many. What was found is shown masked, never whole: findings are stored.
 */
export function judgePrivacy({ rows, mediaType }: Reading): readonly IntakeFinding[] {
  const byName = new Map<string, { leaks: Leak[]; lines: number[]; masked: Set<string> }>();
  const budget = newBudget();
  for (const { text, line } of rows) {
    for (const window of windowsOf(text)) {
      for (const leak of [...personalData(window), ...secrets(window, budget)]) {
        const found = byName.get(leak.name) ?? { leaks: [], lines: [], masked: new Set() };
        byName.set(leak.name, found);
        found.leaks.push(leak);
        found.lines.push(line);
        found.masked.add(leak.masked);
      }
    }
  }
  return [...byName].map(([name, { leaks, lines, masked }]) => {
    const outcome = leaks[0]!.grave || masked.size >= list ? 'refuse' : 'hold';
    const where = rowsNamed(lines, unitOf(mediaType));
    const what =
      leaks[0]!.kind === 'secret'
        ? 'Take them out, and replace them wherever they are used: whoever saw the file has them.'
        : 'Take them out, or put made-up ones in their place (name@example.com, 555-0100).';
    return {
      check: `personal-data.${leaks[0]!.kind}`,
      outcome,
      explanation: `The text holds ${name} (${where}; ${[...masked].slice(0, 3).join(', ')}). ${what}`,
    };
  });
}

/** Characters looked at together, which bounds what any pattern may cost, and by how many they overlap: no token is longer. */
const [size, overlap] = [6_000, 600];

function windowsOf(text: string): readonly string[] {
  if (text.length <= size) return [text];
  return Array.from({ length: Math.ceil((text.length - overlap) / (size - overlap)) }, (_, i) =>
    text.slice(i * (size - overlap), i * (size - overlap) + size),
  );
}
