import type { EmbedRequest } from '../engine.ts';

/** A request, or one of the answers to it. */
export type Waiting = { readonly request: Pick<EmbedRequest, 'id' | 'adapter'> };

/**
 * Who waits for a place, fair between adapters: each has a counter of the work done for it, and the one with the least is
 * next. Source: Sheng et al., Fairness in Serving Large Language Models, 2024 (virtual token counter).
 */
export type Queue<Answer extends Waiting> = {
  readonly length: () => number;
  readonly push: (answer: Answer) => void;
  /** The answer whose turn it is, which leaves the queue. */
  readonly take: () => Answer | undefined;
  /** Takes out all of a request's. @returns how many. */
  readonly remove: (requestId: string) => number;
  /** Work that was done for an adapter. */
  readonly charge: (answer: Answer, cost: number) => void;
  readonly all: () => readonly Answer[];
};

const keyOf = ({ request }: Waiting): string => request.adapter ?? 'base';

export const createQueue = <Answer extends Waiting>(): Queue<Answer> => {
  const lines = new Map<string, Answer[]>();
  const counters = new Map<string, number>();
  let count = 0;
  /** The counter of whoever was taken last: where the fair ones stand while nobody waits. */
  let reached = 0;
  const least = (): string | undefined => {
    let best: string | undefined;
    for (const key of lines.keys()) {
      if (best === undefined || (counters.get(key) ?? 0) < (counters.get(best) ?? 0)) best = key;
    }
    return best;
  };
  return {
    length: () => count,
    push: (answer) => {
      const key = keyOf(answer);
      const line = lines.get(key);
      if (line === undefined) {
        // Who was away comes back level with the least served of the others, and has saved up nothing.
        const other = least();
        const level = other === undefined ? reached : (counters.get(other) ?? 0);
        counters.set(key, Math.max(counters.get(key) ?? 0, level));
        lines.set(key, [answer]);
      } else {
        line.push(answer);
      }
      count++;
    },
    take: () => {
      const key = least();
      if (key === undefined) return undefined;
      const line = lines.get(key)!;
      reached = counters.get(key) ?? 0;
      const answer = line.shift()!;
      if (line.length === 0) lines.delete(key);
      count--;
      return answer;
    },
    remove: (requestId) => {
      const before = count;
      for (const [key, line] of lines) {
        const kept = line.filter(({ request }) => request.id !== requestId);
        count -= line.length - kept.length;
        if (kept.length === 0) lines.delete(key);
        else lines.set(key, kept);
      }
      return before - count;
    },
    charge: (answer, cost) => {
      const key = keyOf(answer);
      counters.set(key, (counters.get(key) ?? 0) + cost);
      // What nobody waits with any more is forgotten from time to time; all it costs is the memory of old work.
      if (counters.size > 10_000) for (const old of counters.keys()) if (!lines.has(old)) counters.delete(old);
    },
    all: () => [...lines.values()].flat(),
  };
};
