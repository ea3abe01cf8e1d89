/**
 * Whether more may be taken in. A queue is for bursts: while somebody has been waiting for half a second without a break,
 * work comes in faster than it is done, and a queue would only make everybody wait. From then on only what finds a free
 * place is taken, until places have stayed free for as long.
 */
export type Admission = {
  /** Told how many wait, and how many places are free, whenever that may have changed. */
  readonly see: (now: Standing) => void;
  /** How many are let in now, beside those who wait already. */
  readonly room: (now: Standing) => number;
};

export type Standing = { readonly free: number; readonly waiting: number };

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
  /** When somebody began to wait, and when a place was last free with nobody for it, as far as either goes on. */
  let waitingSince: number | undefined;
  let freeSince: number | undefined = now();
  const see = ({ free, waiting }: Standing) => {
    waitingSince = waiting > 0 ? (waitingSince ?? now()) : undefined;
    freeSince = free > waiting ? (freeSince ?? now()) : undefined;
    if (waitingSince !== undefined && now() - waitingSince > patience) isCrowded = true;
    if (freeSince !== undefined && now() - freeSince > patience) isCrowded = false;
  };
  return {
    see,
    room: (standing) => {
      see(standing);
      return Math.max(0, (isCrowded ? 0 : maxWaiting) + standing.free - standing.waiting);
    },
  };
};
