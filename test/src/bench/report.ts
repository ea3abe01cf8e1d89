/** What a benchmark found, in the order of its table. Names end with their unit. */
export type Figures = Readonly<Record<string, number>>;

export type Bench = {
  name: string;
  /** What may stand behind the name. */
  flags: readonly string[];
  /** @param progress is told what is being done. */
  run(flags: ReadonlySet<string>, progress: (message: string) => void): Promise<Figures>;
};

export const round = (value: number, digits = 0): number => Number(value.toFixed(digits));

/** The figures as a table for people. */
export function table(figures: Figures): string {
  const width = Math.max(...Object.keys(figures).map((name) => name.length));
  return Object.entries(figures)
    .map(([name, value]) => `${name.padEnd(width)}  ${value.toLocaleString('en').padStart(12)}\n`)
    .join('');
}
