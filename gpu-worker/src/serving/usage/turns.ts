/** Lets those of one name do something one after the other, and others at the same time. */
export type Turns = <T>(name: string, act: () => Promise<T>) => Promise<T>;

export const createTurns = (): Turns => {
  const last = new Map<string, Promise<unknown>>();
  return (name, act) => {
    const turn = (last.get(name) ?? Promise.resolve()).then(act);
    const settled = turn.catch(() => {});
    last.set(name, settled);
    settled.then(() => {
      if (last.get(name) === settled) last.delete(name);
    });
    return turn;
  };
};
