/** That an answer is to say what it drew on, if that is known soon after. */
export type Wish = { readonly waitMs: number };

/** Seconds that are waited where nothing is said of it. */
const USUAL_WAIT = 2;

/** @param given the request's field `attribution`. */
export const wishOf = (
  given: boolean | { readonly wait_seconds?: number | undefined } | undefined,
): Wish | undefined => {
  if (given === undefined || given === false) return undefined;
  return { waitMs: 1_000 * (given === true ? USUAL_WAIT : (given.wait_seconds ?? USUAL_WAIT)) };
};
