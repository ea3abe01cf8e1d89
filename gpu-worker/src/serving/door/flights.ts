import { type EngineInfo, type EngineStatus, OverloadedError } from '../engine.ts';
import { unavailable } from './apiError.ts';

/** Requests that are being answered, from when they are let in until they have ended. */
export type Flights = {
  /** Refuses cheaply, before any work, what would be refused anyway. @throws OverloadedError; ApiError (503) while draining. */
  readonly check: () => void;
  /** @returns to be called when it has ended. @throws as `check`. */
  readonly enter: () => () => void;
  readonly count: () => number;
  /** Lets nobody in any more. */
  readonly drain: () => void;
  /** Settles when nothing is under way. */
  readonly landed: () => Promise<void>;
};

/** Requests wait for their adapters before they wait in the engine: so many times more than that takes are let in. */
const PATIENCE = 2;

export const createFlights = (info: EngineInfo, status: () => EngineStatus): Flights => {
  const most = PATIENCE * (info.maxRunning + info.maxWaiting);
  let inFlight = 0;
  let isDraining = false;
  const onGround: (() => void)[] = [];
  const check = (): void => {
    if (isDraining) throw unavailable('This worker is about to stop. Ask another one.', 'draining');
    if (status().room < 1 || inFlight >= most) {
      throw new OverloadedError(`${inFlight} requests are being answered here: try again later`, 1);
    }
  };
  return {
    check,
    enter: () => {
      check();
      inFlight++;
      let hasLeft = false;
      return () => {
        if (hasLeft) return;
        hasLeft = true;
        inFlight--;
        if (inFlight === 0) for (const resolve of onGround.splice(0)) resolve();
      };
    },
    count: () => inFlight,
    drain: () => {
      isDraining = true;
    },
    landed: () => (inFlight === 0 ? Promise.resolve() : new Promise((resolve) => onGround.push(resolve))),
  };
};
