/** Questions to a thread that are answered one by one. */
export type Calls<Answer> = {
  /** @param send is given the number to answer with. */
  readonly ask: (send: (call: number) => void) => Promise<Answer>;
  readonly answer: (call: number, answer: Answer) => void;
  readonly refuse: (call: number, error: Error) => void;
  /** Refuses all that are open, and all that come. */
  readonly end: (error: Error) => void;
};

export const createCalls = <Answer>(): Calls<Answer> => {
  const open = new Map<number, PromiseWithResolvers<Answer>>();
  let last = 0;
  let ended: Error | undefined;
  const take = (call: number) => {
    const found = open.get(call);
    open.delete(call);
    return found;
  };
  return {
    ask: (send) => {
      if (ended !== undefined) return Promise.reject(ended);
      const asked = Promise.withResolvers<Answer>();
      open.set(++last, asked);
      send(last);
      return asked.promise;
    },
    answer: (call, answer) => take(call)?.resolve(answer),
    refuse: (call, error) => take(call)?.reject(error),
    end: (error) => {
      ended = error;
      for (const call of [...open.keys()]) take(call)!.reject(error);
    },
  };
};
