import { createHash } from 'node:crypto';
import type { Outcome } from '../../src/intake/finding.ts';
import { address, type Desk } from '../intake.ts';
import { honestItems } from './honest.ts';
import { hostileItems } from './hostile.ts';
import type { Item } from './item.ts';

export type Half = 'calibration' | 'held-out';
export type Verdict = {
  readonly item: Item;
  readonly half: Half;
  readonly outcome: Outcome;
  readonly reasons: readonly string[];
};
/** How many of a class were taken, held and refused, and how many of them wrongly. */
export type ClassCount = { readonly class: string; readonly honest: boolean; readonly items: number } & Readonly<
  Record<Outcome, number>
>;

/**
 * Judges the whole labelled set in one datanet, the honest items first, which stay there, so that false duplicates show and copies
 * have something to be copies of. Half of the items, drawn by a hash, are held out: no
 * threshold was chosen by looking at them.
 */
export async function judgeLabelled(desk: Desk): Promise<readonly Verdict[]> {
  const honest = honestItems();
  const items = [...honest, ...hostileItems(honest)];
  const accounts = Array.from({ length: Math.ceil(items.length / 50) }, (_, i) => address(0xf000 + i));
  for (const account of accounts) await desk.addAccount(account, 60 * 24 * 60 * 60);
  const seen = new Map<string, number>();
  const verdicts: Verdict[] = [];
  for (const [i, item] of items.entries()) {
    const nth = seen.get(item.class) ?? 0;
    seen.set(item.class, nth + 1);
    const given = {
      body: new TextEncoder().encode(item.body),
      fileName: item.fileName,
      license: item.license,
      contributor: accounts[i % accounts.length]!,
    };
    const { outcome, findings } = await (item.honest ? desk.submit(given) : desk.judge(given));
    const reasons = findings
      .filter((finding) => finding.outcome !== 'accept')
      .map(({ check, outcome, explanation }) => `${check} ${outcome}: ${explanation}`);
    verdicts.push({ item, half: halfOf(`${item.class} ${nth}`), outcome, reasons });
  }
  return verdicts;
}

/** By chance, so that no regularity in how items are made falls into one half. */
const halfOf = (name: string): Half =>
  createHash('sha256').update(name).digest()[0]! % 2 === 0 ? 'calibration' : 'held-out';

export function countByClass(verdicts: readonly Verdict[], half: Half): readonly ClassCount[] {
  const classes = new Map<string, Verdict[]>();
  for (const verdict of verdicts) {
    if (verdict.half !== half) continue;
    classes.set(verdict.item.class, [...(classes.get(verdict.item.class) ?? []), verdict]);
  }
  return [...classes].map(([name, some]) => {
    const of = (outcome: Outcome) => some.filter((verdict) => verdict.outcome === outcome).length;
    return {
      class: name,
      honest: some[0]!.item.honest,
      items: some.length,
      accept: of('accept'),
      hold: of('hold'),
      refuse: of('refuse'),
    };
  });
}

/** The counts as a Markdown table. */
export function tableOf(counts: readonly ClassCount[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  const row = (each: ClassCount) =>
    line(
      each.honest
        ? [each.class, 'honest', each.items, each.hold, each.refuse, '']
        : [each.class, 'hostile', each.items, each.hold, each.refuse, each.accept],
    );
  return [
    line(['class', 'kind', 'items', 'held', 'refused', 'missed']),
    line(['---', '---', '---:', '---:', '---:', '---:']),
    ...counts.map(row),
  ].join('\n');
}
