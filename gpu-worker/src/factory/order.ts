import { FactoryError } from './errors.ts';
import { createRandom, type RandomState } from './random.ts';

/** Where in the data a training stands; enough to go on as if it had never stopped. */
export type OrderState = {
  /** Rounds through the data that are over. */
  readonly epoch: number;
  /** Rows of this round that were taken. */
  readonly position: number;
  /** The generator's state before this round was shuffled. */
  readonly random: RandomState;
};

/** The order in which rows are taken: each round through the data is shuffled anew. */
export type Order = {
  /** The next rows; a batch may reach into the next round. */
  take: (count: number) => number[];
  state: () => OrderState;
};

export const createOrder = (rows: number, from: { seed: number } | OrderState): Order => {
  if (rows === 0) throw new FactoryError('There are no rows to train on');
  let { epoch, position, random } =
    'seed' in from ? { epoch: 0, position: 0, random: createRandom(from.seed).state() } : from;
  let [round, after] = shuffled(rows, random);
  return {
    take: (count) =>
      Array.from({ length: count }, () => {
        if (position === rows) {
          [epoch, position, random] = [epoch + 1, 0, after];
          [round, after] = shuffled(rows, random);
        }
        return round[position++]!;
      }),
    state: () => ({ epoch, position, random }),
  };
};

/** Fisher and Yates; also the state of the generator afterwards. */
const shuffled = (count: number, from: RandomState): [Uint32Array, RandomState] => {
  const random = createRandom(from);
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = random.below(last + 1);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return [order, random.state()];
};
