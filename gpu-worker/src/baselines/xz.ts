import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** The command `xz` that is not there or failed. */
export class XzError extends Error {
  override readonly name = 'XzError';
}

/**
 * Bytes that `xz -9e` makes of a text; its window of 64 MiB sees all of a corpus.
 *
 * @throws XzError when xz is not installed.
 */
export const xzSize = async (text: string): Promise<number> => {
  const xz = spawn('xz', ['-9e', '--threads=1', '--stdout'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let bytes = 0;
  xz.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  xz.stdin.on('error', () => {});
  xz.stdin.end(text);
  try {
    const [code] = await once(xz, 'close');
    if (code !== 0) throw new XzError(`xz ended with ${code}`);
  } catch (error) {
    if (error instanceof XzError) throw error;
    throw new XzError('The command xz is not installed; it is in the package xz-utils (Debian) or xz (Homebrew)');
  }
  return bytes;
};
