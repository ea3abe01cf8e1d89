/** A training that cannot begin or go on; the message says why and what would be right. */
export class FactoryError extends Error {
  override readonly name: string = 'FactoryError';
}

/** The loss or a gradient is not a finite number. The last checkpoint from before stays as it is. */
export class DivergedError extends FactoryError {
  override readonly name = 'DivergedError';
  readonly step: number;

  constructor(step: number, what: string) {
    super(
      `Step ${step}: ${what}. Training stopped; the last checkpoint is from before. A lower learning rate, a longer ` +
        'warm-up or clipping may help; NaN in the first step points to the weights or the data',
    );
    this.step = step;
  }
}

/** The training would take more memory than it may; it was not begun. */
export class MemoryError extends FactoryError {
  override readonly name = 'MemoryError';
}
