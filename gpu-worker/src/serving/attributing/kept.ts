/** The values that were used last, kept; others are closed. One caller at a time. */
export type Kept<Value> = {
  /** @param make settles with the value where it is not kept; what it throws is thrown, and nothing is kept. */
  readonly get: (key: string, make: () => Promise<Value>) => Promise<Value>;
  readonly clear: () => Promise<void>;
};

export const createKept = <Value>(options: {
  readonly most: number;
  readonly close: (value: Value) => Promise<void> | void;
}): Kept<Value> => {
  const kept = new Map<string, Value>();
  return {
    get: async (key, make) => {
      const known = kept.get(key);
      if (known !== undefined) {
        kept.delete(key);
        kept.set(key, known);
        return known;
      }
      // Closed first, so that there are never more than that in memory.
      while (kept.size >= options.most) {
        const [oldest, value] = kept.entries().next().value!;
        kept.delete(oldest);
        await options.close(value);
      }
      const value = await make();
      kept.set(key, value);
      return value;
    },
    clear: async () => {
      for (const value of kept.values()) await options.close(value);
      kept.clear();
    },
  };
};
