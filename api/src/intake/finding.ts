import type { IntakeFinding } from '@openledger/db/app';

export type Outcome = IntakeFinding['outcome'];

export const accept = (check: string, explanation: string): IntakeFinding => ({
  check,
  outcome: 'accept',
  explanation,
});
export const hold = (check: string, explanation: string): IntakeFinding => ({ check, outcome: 'hold', explanation });
export const refuse = (check: string, explanation: string): IntakeFinding => ({
  check,
  outcome: 'refuse',
  explanation,
});

/** What all findings together come to: the severest of them. */
export function outcomeOf(findings: readonly IntakeFinding[]): Outcome {
  if (findings.some(({ outcome }) => outcome === 'refuse')) return 'refuse';
  return findings.some(({ outcome }) => outcome === 'hold') ? 'hold' : 'accept';
}

/** What keeps a body from being read; the finding says it to the contributor. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
  readonly finding: IntakeFinding;
  constructor(check: 'size' | 'type' | 'reading', explanation: string) {
    super(explanation);
    this.finding = refuse(check, explanation);
  }
}

/** "rows 3, 8 and 12", at most five of them, then how many more. */
export function rowsNamed(lines: readonly number[], unit = 'line'): string {
  const shown = [...new Set(lines)].slice(0, 5);
  const more = new Set(lines).size - shown.length;
  const names = more > 0 ? [...shown.map(String), `${more.toLocaleString('en')} more`] : shown.map(String);
  const list = names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return `${unit}${names.length > 1 ? 's' : ''} ${list}`;
}

export const percent = (share: number): string => `${Math.floor(share * 100)} %`;
