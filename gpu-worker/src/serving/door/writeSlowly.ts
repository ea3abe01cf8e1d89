import type { ServerResponse } from 'node:http';
import { ReaderGoneError } from './whileConnected.ts';

/**
 * Writes at the reader's pace. One that takes nothing for too long is cut off, so that nothing is kept for it.
 *
 * @param patience milliseconds. @throws ReaderGoneError
 */
export const writeSlowly = async (response: ServerResponse, text: string, patience: number): Promise<void> => {
  if (response.destroyed) throw new ReaderGoneError();
  if (response.write(text)) return;
  await new Promise<void>((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      response.off('drain', drained);
      response.off('close', closed);
    };
    const drained = () => {
      done();
      resolve();
    };
    const closed = () => {
      done();
      reject(new ReaderGoneError());
    };
    const timer = setTimeout(() => response.destroy(), patience);
    response.once('drain', drained);
    response.once('close', closed);
  });
};
