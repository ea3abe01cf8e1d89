import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** Where Debian, other Linuxes and macOS put it. */
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const usual = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

/** A Chromium of this machine: `CHROMIUM`, or where it usually is; undefined without one. */
export const chromiumPath: string | undefined = [
  process.env.CHROMIUM ?? '',
  ...(process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name))),
  ...usual,
].find((path) => path !== '' && isProgram(path));

/** For whoever wonders why tests were skipped. */
export const howToInstall =
  'no Chromium to try pages in; apt-get install --no-install-recommends chromium, or set CHROMIUM to the path of one';

/** Starts it without a window. @throws Error with how to install it */
export const startChromium = async (): Promise<Browser> => {
  if (chromiumPath === undefined) throw new Error(`There is ${howToInstall}.`);
  return chromium.launch({
    executablePath: chromiumPath,
    // In containers there is no sandbox for root, and little shared memory.
    args: ['--disable-dev-shm-usage', '--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  });
};

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
