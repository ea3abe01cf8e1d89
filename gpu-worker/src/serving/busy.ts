/** How much of the last seconds was spent computing. */
export type Busy = {
  readonly during: <Result>(act: () => Promise<Result>) => Promise<Result>;
  /** 0 to 1, of the last five to ten seconds. */
  readonly ratio: () => number;
};

const span = 5_000;

export const createBusy = (now: () => number = () => performance.now()): Busy => {
  let began = now();
  let spent = 0;
  let before = { spent: 0, span: 0 };
  const turn = () => {
    const passed = now() - began;
    if (passed < span) return;
    before = passed < 2 * span ? { spent, span: passed } : { spent: 0, span };
    began = now();
    spent = 0;
  };
  return {
    during: async (act) => {
      const from = now();
      try {
        return await act();
      } finally {
        spent += now() - from;
        turn();
      }
    },
    ratio: () => {
      turn();
      const passed = now() - began + before.span;
      return passed === 0 ? 0 : Math.min(1, (spent + before.spent) / passed);
    },
  };
};
