import type { Browser } from 'playwright-core';
import type { Hex } from 'viem';
import type { PrivateKeyAccount } from 'viem/accounts';
import { startChromium } from './chromium.ts';
import { visit } from './visit.ts';
import { createWallet } from './wallet.ts';

export type Finishing = {
  readonly url: string;
  readonly key: PrivateKeyAccount;
  /** Of a contract wallet whose signer the key is. */
  readonly address?: Hex;
  readonly rpcUrl: string;
  readonly chainId: bigint;
  /** One that runs already, else one is started and ended. */
  readonly browser?: Browser;
};

export type Finished = {
  /** What the page says at the end. */
  readonly said: string;
  /** What the page asked of the wallet. */
  readonly methods: readonly string[];
};

const patienceMs = 120_000;

/**
 * Opens a page of the bots (`/link`, `/claim`, `/pay`) in a browser with one wallet and goes through it to its end, as somebody
 * does who says yes to everything.
 * @throws Error with what the page says it cannot do, or what it shows when nothing more happens on it
 */
export const finishPage = async ({ url, browser: running, ...holder }: Finishing): Promise<Finished> => {
  const browser = running ?? (await startChromium());
  const wallet = createWallet(holder);
  const { page, faults, close } = await visit(browser, url, { wallets: [wallet] });
  try {
    const done = page.locator('#done');
    const problem = page.getByRole('alert').filter({ hasText: /./ });
    const steps = [page.locator('#allow'), page.locator('#promise'), page.getByRole('button', { name: wallet.name })];
    const until = Date.now() + patienceMs;
    for (const pressed = new Set<number>(); Date.now() < until; ) {
      if (await done.isVisible()) {
        return { said: await done.innerText(), methods: wallet.asked.map(({ method }) => method) };
      }
      if (await problem.isVisible()) throw new Error([await problem.innerText(), ...faults].join(' '));
      const shown = await Promise.all(steps.map((step) => step.isVisible()));
      const next = shown.findIndex((isShown, index) => isShown && !pressed.has(index));
      if (next >= 0 && (await page.locator('body').getAttribute('aria-busy')) === 'false') {
        pressed.add(next);
        await steps[next]!.click();
      }
      await page.waitForTimeout(50);
    }
    throw new Error(`The page does not get to its end: ${await page.locator('main').innerText()} ${faults.join(' ')}`);
  } finally {
    await close();
    if (running === undefined) await browser.close();
  }
};
