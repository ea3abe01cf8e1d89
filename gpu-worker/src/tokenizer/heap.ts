/** A pair of tokens that stand side by side, and how often they did when it was put here. */
export type Candidate = { readonly pair: number; readonly count: number };

/** The most frequent pair first; of equally frequent ones that with the smaller first id, then the smaller second id. */
const isBefore = (a: Candidate, b: Candidate): boolean => (a.count !== b.count ? a.count > b.count : a.pair < b.pair);

/** A binary heap of candidates. */
export type Candidates = {
  push: (candidate: Candidate) => void;
  pop: () => Candidate | undefined;
};

export const createCandidates = (): Candidates => {
  const heap: Candidate[] = [];
  return {
    push: (candidate) => {
      let at = heap.push(candidate) - 1;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (!isBefore(candidate, heap[parent]!)) break;
        heap[at] = heap[parent]!;
        at = parent;
      }
      heap[at] = candidate;
    },
    pop: () => {
      const top = heap[0];
      const last = heap.pop();
      if (last === undefined || heap.length === 0) return top;
      let at = 0;
      for (;;) {
        let child = at * 2 + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
        if (!isBefore(heap[child]!, last)) break;
        heap[at] = heap[child]!;
        at = child;
      }
      heap[at] = last;
      return top;
    },
  };
};
