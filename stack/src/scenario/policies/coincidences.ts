import type { Library, Twins } from '../library.ts';
import type { PersonaName } from '../personas.ts';

/**
 * Two people hand in nearly the same text at the same time. Neither copy is accepted yet when validators look, so both
 * pass, and only later does someone notice: this is what disputes are for.
 */
export type Coincidence = {
  /** Days after genesis. */
  readonly day: number;
  readonly contributors: readonly [PersonaName, PersonaName];
  readonly twins: Twins;
};

export function coincidences({ twins }: Library): readonly Coincidence[] {
  const early = twins.find(({ original }) => original.theme.name === 'TypeScript Handbook');
  const late = twins.find(({ original }) => original.theme.name === 'Node Operations');
  return [
    ...(early === undefined ? [] : [{ day: 5.3, contributors: ['fay', 'gil'] as const, twins: early }]),
    ...(late === undefined ? [] : [{ day: 40.4, contributors: ['hana', 'lena'] as const, twins: late }]),
  ];
}

/** Content hashes that nobody picks up by chance. */
export function keptForCoincidences(library: Library): ReadonlySet<string> {
  return new Set(coincidences(library).flatMap(({ twins }) => [twins.original.contentHash, twins.copy.contentHash]));
}
