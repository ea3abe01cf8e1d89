/** What a turn of the settler, or of the keeper of epochs, is about. */
export const phases = ['collect', 'post', 'finalise', 'close', 'propose', 'accept'] as const;
export type Phase = (typeof phases)[number];

/** Where such a work is. What is `stored` is what the chain will name by its hash. */
export const steps = ['read', 'estimated', 'stored', 'signed', 'sent', 'mined'] as const;
export type Step = (typeof steps)[number];

/** What a process may die at. */
export type Moment = `${Phase} ${Step}`;

/** Moments of the settler, in the order in which they come. */
export const settlerMoments: readonly Moment[] = momentsOf(['collect', 'post', 'finalise']);

/** Moments of the keeper of epochs. */
export const keeperMoments: readonly Moment[] = momentsOf(['finalise', 'close', 'propose', 'accept']);

function momentsOf(some: readonly Phase[]): readonly Moment[] {
  const stores: readonly Phase[] = ['post', 'propose'];
  return some.flatMap((phase) =>
    steps.flatMap((step): Moment[] => (step === 'stored' && !stores.includes(phase) ? [] : [`${phase} ${step}`])),
  );
}
