import { setTimeout as wait } from 'node:timers/promises';
import { type RunningIndexer, startIndexer } from '@openledger/indexer/testing';

/** Keeps an indexer running as a supervisor does. */
export type Keeper = {
  /** Starts it, and from then on again whenever it ends by itself. */
  start(): Promise<void>;
  /** Ends it, until the next start. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** Whatever the indexer does because of `work` is right, and one started in it may index everything anew. */
  forgive(work: () => Promise<void>): Promise<void>;
  /** Whatever `work` does to the database: who asks for it while it is gone is rightly told so, and starts again. */
  withoutDatabase(work: () => Promise<unknown>): Promise<void>;
  /** How often it ended by itself and was started again. */
  restarts(): number;
  /** What the person who runs it would have to see to: ends that trying again does not mend, and work done twice. */
  complaints(): readonly string[];
  /** The last lines that it wrote. */
  lastWords(): string;
};

/** `EX_TEMPFAIL`: trying again may help. */
const tryAgain = 75;
const restartDelayMs = 300;
/** More ends by itself than this are no recovery. */
const mostRestarts = 25;

/** @param launch starts the process to keep: the indexer, where left out. */
export function createKeeper(env: () => Record<string, string>, launch = startIndexer): Keeper {
  const complaints = new Set<string>();
  let current: RunningIndexer | undefined;
  let last: RunningIndexer | undefined;
  let restarts = 0;
  let forgiving = false;
  /** Times that the database was gone, the present one included. */
  let gone = 0;
  let isGone = false;

  const begin = async (mayBeginAnew: boolean): Promise<void> => {
    const indexer = await launch(env());
    current = last = indexer;
    void keep(indexer, mayBeginAnew, isGone ? gone - 1 : gone);
  };
  const keep = async (indexer: RunningIndexer, mayBeginAnew: boolean, goneBefore: number): Promise<void> => {
    const code = await indexer.ended;
    const missedIt = gone > goneBefore && code === 1 && /database "\w+" does not exist/.test(indexer.output());
    const anew = lineWith(indexer.output(), 'The chain has changed');
    if (anew !== undefined && !mayBeginAnew && !forgiving) complaints.add(`It indexed all anew: ${anew}`);
    // Not by itself: somebody ended it.
    if (current !== indexer) return;
    if (code !== tryAgain && !forgiving && !missedIt)
      complaints.add(`It ended with ${code}: ${tail(indexer.output())}`);
    if (!forgiving && ++restarts > mostRestarts) {
      complaints.add(`It ended ${restarts} times: ${tail(indexer.output())}`);
      return;
    }
    await wait(restartDelayMs);
    if (current === indexer) await begin(mayBeginAnew || forgiving);
  };
  return {
    start: () => begin(forgiving),
    end: async (signal) => {
      const indexer = current;
      current = undefined;
      await indexer?.stop(signal);
    },
    forgive: async (work) => {
      forgiving = true;
      await work().finally(() => {
        forgiving = false;
      });
    },
    withoutDatabase: async (work) => {
      gone++;
      isGone = true;
      await work().finally(() => {
        isGone = false;
      });
    },
    restarts: () => restarts,
    complaints: () => [...complaints],
    lastWords: () => tail(last?.output() ?? ''),
  };
}

const lineWith = (output: string, part: string): string | undefined =>
  output.split('\n').find((line) => line.includes(part));

const tail = (output: string): string => output.trimEnd().split('\n').slice(-12).join(' | ').slice(-2_000);
