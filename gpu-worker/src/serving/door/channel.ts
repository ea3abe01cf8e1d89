/** Carries values from who makes them to who reads them, at each one's own pace. */
export type Channel<T> = {
  readonly push: (value: T) => void;
  readonly end: () => void;
  readonly fail: (error: unknown) => void;
  /** All that came since; undefined at the end. @throws what it failed with, after all that came before. */
  readonly next: () => Promise<readonly T[] | undefined>;
};

export const createChannel = <T>(): Channel<T> => {
  let values: T[] = [];
  let over: { readonly error?: unknown } | undefined;
  let wake: (() => void) | undefined;
  const stir = () => {
    wake?.();
    wake = undefined;
  };
  return {
    push: (value) => {
      values.push(value);
      stir();
    },
    end: () => {
      over ??= {};
      stir();
    },
    fail: (error) => {
      over ??= { error };
      stir();
    },
    next: async () => {
      while (values.length === 0 && over === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (values.length > 0) {
        const given = values;
        values = [];
        return given;
      }
      if (over !== undefined && 'error' in over) throw over.error;
      return undefined;
    },
  };
};
