import type { FinishReason, Piece } from '../engine.ts';
import type { Used } from '../usage/usage.ts';
import type { DoorMetrics } from './metrics.ts';

/** How far a question's answers have come. */
export type Progress = {
  readonly take: (piece: Piece) => void;
  readonly hasBegun: () => boolean;
  /** What was written of each answer, and its tokens. */
  readonly texts: readonly string[];
  readonly ids: readonly (readonly number[])[];
  readonly used: () => Used;
  /** `length` if any answer ended for it. */
  readonly finishReason: () => FinishReason;
  readonly seconds: () => number;
};

/** @param answers how many there are to be. @param inTokens that count once the first piece is there. */
export const createProgress = (metrics: DoorMetrics, answers: number, inTokens: number): Progress => {
  const began = performance.now();
  const texts = Array.from({ length: answers }, () => '');
  const tokens = Array.from({ length: answers }, (): number[] => []);
  const lastAt = new Map<number, number>();
  let outTokens = 0;
  let firstTokenAt: Date | undefined;
  let finishReason: FinishReason = 'stop';
  return {
    take: ({ choice, text, ids, finish }) => {
      const now = performance.now();
      if (firstTokenAt === undefined) {
        firstTokenAt = new Date();
        metrics.sawFirstToken((now - began) / 1000);
      }
      const last = lastAt.get(choice);
      if (last !== undefined && ids.length > 0) metrics.sawTokens(ids.length, (now - last) / 1000);
      lastAt.set(choice, now);
      outTokens += ids.length;
      texts[choice]! += text;
      tokens[choice]!.push(...ids);
      if (finish === 'length') finishReason = 'length';
    },
    hasBegun: () => firstTokenAt !== undefined,
    texts,
    ids: tokens,
    used: () => ({ inTokens: firstTokenAt === undefined ? 0 : inTokens, outTokens, firstTokenAt }),
    finishReason: () => finishReason,
    seconds: () => (performance.now() - began) / 1000,
  };
};
