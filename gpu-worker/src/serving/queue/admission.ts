/**
 * Whether more may be taken in. A queue is for bursts: while somebody has been waiting for half a second without a break,
 * work comes in faster than it is done, and a queue would only make everybody wait. From then on, until there has been room
 * for as long, only what finds a free place is taken.
 */
export type Admission = {
  /** Told how many wait whenever that may have changed. */
  readonly see: (waiting: number) => void;
  /** How many are let in now, beside `waiting` who are in already. */
  readonly room: (now: { readonly free: number; readonly waiting: number }) => number;
};

export type AdmissionOptions = {
  readonly maxWaiting: number;
  /** Milliseconds of waiting without a break that are more than a burst. */
  readonly patience?: number;
  readonly now?: () => number;
};

export const createAdmission = ({
  maxWaiting,
  patience = 500,
  now = () => performance.now(),
}: AdmissionOptions): Admission => {
  let isCrowded = false;
  let changedAt = now();
  let hadWaiting = false;
  const see = (waiting: number) => {
    if (waiting > 0 !== hadWaiting) {
      hadWaiting = waiting > 0;
      changedAt = now();
    } else if (now() - changedAt > patience) {
      isCrowded = hadWaiting;
    }
  };
  return {
    see,
    room: ({ free, waiting }) => {
      see(waiting);
      return Math.max(0, (isCrowded ? 0 : maxWaiting) + free - waiting);
    },
  };
};
