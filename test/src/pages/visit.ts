import { randomUUID } from 'node:crypto';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { type Asked, type TestWallet, WalletError } from './wallet.ts';

export type Visit = {
  readonly page: Page;
  /** What went wrong in the page without its saying so: errors in scripts, refused by its policy, failed requests. */
  readonly faults: string[];
  /** What the page says it cannot do; empty when there is nothing. */
  readonly problem: () => Promise<string>;
  /** Waits until a text is there. @throws Error with what the page says it cannot do, where it says that instead */
  readonly arriveAt: (text: string | RegExp) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type VisitSettings = BrowserContextOptions & {
  /** They announce themselves (EIP-6963). */
  readonly wallets?: readonly TestWallet[];
  /** A wallet from before EIP-6963, which is `window.ethereum` and nothing more. */
  readonly old?: TestWallet;
};

/** Opens a page in a browser of its own, with no past, and the wallets that its owner has. */
export const visit = async (
  browser: Browser,
  url: string,
  { wallets = [], old, ...settings }: VisitSettings = {},
): Promise<Visit> => {
  const context = await browser.newContext({ locale: 'en-GB', ...settings });
  // On a busy machine.
  context.setDefaultTimeout(90_000);
  const known = [...wallets, ...(old ? [old] : [])];
  const { origin } = new URL(url);
  await context.exposeFunction('askTestWallet', async (index: number, asked: Asked) => {
    try {
      return { result: await known[index]!.request({ method: asked.method, params: asked.params ?? [] }, origin) };
    } catch (error) {
      const { message } = error as Error;
      return { error: { code: error instanceof WalletError ? error.code : -32000, message } };
    }
  });
  const announced = known.map(({ name, rdns, icon }, index) => ({ index, uuid: randomUUID(), name, rdns, icon }));
  await context.addInitScript(installWallets, { announced, oldIndex: old ? known.length - 1 : -1 });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (line) => {
    if (line.type() === 'error') faults.push(line.text());
  });
  page.on('requestfailed', (request) => faults.push(`${request.url()}: ${request.failure()?.errorText}`));
  await page.goto(url);
  const alert = page.getByRole('alert');
  return {
    page,
    faults,
    problem: async () => (await alert.textContent()) ?? '',
    arriveAt: async (text) => {
      const place = page.getByText(text);
      await place
        .or(alert.filter({ hasText: /./ }))
        .first()
        .waitFor();
      if (!(await place.first().isVisible())) throw new Error(`Instead of “${text}”: ${await alert.textContent()}`);
    },
    close: () => context.close(),
  };
};

type Announced = { index: number; uuid: string; name: string; rdns: string; icon: string };

/** Runs in the page, before its own scripts. */
function installWallets({ announced, oldIndex }: { announced: Announced[]; oldIndex: number }): void {
  const here = globalThis as unknown as {
    askTestWallet: (index: number, asked: object) => Promise<{ result?: unknown; error?: object }>;
    ethereum?: object;
    addEventListener: (name: string, heard: () => void) => void;
    dispatchEvent: (event: object) => void;
    CustomEvent: new (name: string, init: object) => object;
  };
  const providerOf = (index: number) => ({
    request: async (asked: object) => {
      const { result, error } = await here.askTestWallet(index, asked);
      // Wallets refuse with plain objects.
      if (error) throw error;
      return result;
    },
  });
  if (oldIndex >= 0) here.ethereum = providerOf(oldIndex);
  const details = announced
    .filter(({ index }) => index !== oldIndex)
    .map(({ index, ...info }) => Object.freeze({ info, provider: providerOf(index) }));
  const announce = () => {
    for (const detail of details) here.dispatchEvent(new here.CustomEvent('eip6963:announceProvider', { detail }));
  };
  here.addEventListener('eip6963:requestProvider', announce);
  announce();
}
