import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { type Earned, keyOf } from './earned.ts';
import { eventually, type Place } from './place.ts';

const audit = readFileSync(new URL('audit.js', import.meta.url), 'utf8');
/** Where to keep pictures of every page as it goes, for those who want to look at them. */
const folder = process.env.PAGES_PICTURES;

/** How pages look and read: in light and dark, on a wide and a narrow screen, by keyboard, to a screen reader. */
export const looks = (place: () => Place & Earned) => {
  const faultsOf = async (page: Page, name: string): Promise<string[]> => {
    const faults: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const width of [1_000, 320]) {
        await page.setViewportSize({ width, height: 900 });
        const found = await page.evaluate<string[]>(audit);
        faults.push(...found.map((fault) => `${name}, ${colorScheme}, ${width} wide: ${fault}`));
        if (folder === undefined) continue;
        mkdirSync(folder, { recursive: true });
        await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`), fullPage: true });
      }
    }
    return faults;
  };
  /** What a screen reader goes through, without what is different each time. */
  const readTo = async (page: Page, ...changing: readonly string[]): Promise<string> => {
    let read = await page.locator('main').ariaSnapshot();
    for (const one of changing) read = read.replaceAll(one, '…');
    return read.replace(/0x[0-9a-fA-F]{40,64}/g, '0x…');
  };

  it('the page that links a wallet', async () => {
    const { newKey, walletOf, visit, invite } = place();
    const { url, phrase } = await invite('701', 'ann');
    const wallets = [walletOf(newKey()), walletOf(newKey(), { name: 'Other', rdns: 'com.other' })];
    const { page, arriveAt, close } = await visit(url, { wallets });
    await page.getByRole('button', { name: 'Sign with Other' }).waitFor();
    expect(await readTo(page, phrase)).toMatchInlineSnapshot(`
      "- main:
        - heading "Link a wallet to your chat account" [level=1]
        - term: Chat account that asks
        - definition: Telegram · ann (701)
        - term: Words that the bot showed in your chat
        - definition: …
        - paragraph: If the words differ, or nobody asked you to come here from your own chat, close this page.
        - heading "1. Sign with your wallet" [level=2]
        - paragraph: You sign a message. It costs nothing, sends no transaction, and gives nobody your keys or your money.
        - group "Wallets of this browser":
          - button "Sign with Test Wallet test.wallet"
          - button "Sign with Other com.other"
        - status
        - alert"
    `);
    const faults = await faultsOf(page, 'link-1');
    await page.getByRole('button', { name: 'Sign with Other' }).click();
    await page.getByRole('button', { name: 'Not now' }).waitFor();
    const until = await page.locator('#until').innerText();
    expect(await readTo(page, phrase, until)).toMatchInlineSnapshot(`
      "- main:
        - heading "Link a wallet to your chat account" [level=1]
        - term: Chat account that asks
        - definition: Telegram · ann (701)
        - term: Words that the bot showed in your chat
        - definition: …
        - paragraph: If the words differ, or nobody asked you to come here from your own chat, close this page.
        - heading "2. Let the bot send contributions for you" [level=2]
        - paragraph: With a second signature the relayer may submit and review in your name, and pays the fees. It can move none of your money. You can take it back whenever you like.
        - term: Relayer
        - definition: "0x…"
        - term: Until
        - definition: …
        - button "Sign that too"
        - button "Not now"
        - status: The wallet has signed.
        - alert"
    `);
    faults.push(...(await faultsOf(page, 'link-2')));
    await page.getByRole('button', { name: 'Sign that too' }).click();
    await arriveAt('Go back to Telegram');
    faults.push(...(await faultsOf(page, 'link-3')));
    await close();

    const none = await visit(`${url.split('#')[0]}?lang=de#${url.split('#')[1]}`);
    await eventually(none.problem).not.toBe('');
    faults.push(...(await faultsOf(none.page, 'link-problem')));
    expect(faults).toEqual([]);
    await none.page.evaluate("document.querySelector('h1').style.color = '#777'; document.documentElement.lang = ''");
    expect((await faultsOf(none.page, 'spoilt')).sort()).toEqual([
      ...['dark, 1000', 'dark, 320', 'light, 1000', 'light, 320'].flatMap((how) => [
        `spoilt, ${how} wide: contrast below 4.5: h1 “Wallet mit deinem Chat-Konto verbinden”`,
        `spoilt, ${how} wide: no language or title`,
      ]),
    ]);
    await none.close();
  });

  it('the page where rewards are claimed, which somebody without a wallet can take elsewhere', async () => {
    const { cast, stage, visit } = place();
    const { page, close } = await visit(`${stage.api.url}/claim?account=${cast.carol.address}`, { locale: 'es-MX' });
    await page.getByRole('button', { name: 'Copiar' }).waitFor();
    expect(await readTo(page)).toMatchInlineSnapshot(`
      "- main:
        - heading "Cobrar tus recompensas" [level=1]
        - term: Cuenta
        - definition: "0x…"
        - term: Ganado
        - definition: 0,667734375000000122 OPEN
        - term: Cobrado antes
        - definition: 0 OPEN
        - term: Por cobrar ahora
        - definition: 0,667734375000000122 OPEN
        - paragraph: Cualquier cartera puede enviarlo y paga el gas; los OPEN van a la cuenta de arriba y a ningún otro sitio.
        - group "Carteras de este navegador"
        - paragraph: No se encontró ninguna cartera en este navegador. Abre esta página en un navegador con una extensión de cartera o en el navegador de tu cartera.
        - button "Copiar la dirección de esta página"
        - status
        - alert"
    `);
    expect(await faultsOf(page, 'claim')).toEqual([]);
    await close();
  });

  it('the page where answers are paid for, with keys alone', async () => {
    const { cast, worker, stage, walletOf, visit } = place();
    const wallet = walletOf(keyOf(cast.greta));
    const url = `${stage.api.url}/pay?worker=${worker}&least=1${'0'.repeat(18)}`;
    const { page, arriveAt, close } = await visit(url, { wallets: [wallet] });
    await page.getByRole('button', { name: 'Go on with' }).waitFor();
    const faults = await faultsOf(page, 'pay-1');
    const press = async (...keys: readonly string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    const focused = () => page.evaluate<string>('document.activeElement.closest("label, [id]").textContent.trim()');
    await press('Tab', 'Enter');
    await page.getByRole('radio').first().waitFor();
    expect(await readTo(page)).toMatchInlineSnapshot(`
      "- main:
        - heading "Pay for answers" [level=1]
        - term: Worker that answers
        - definition: "0x…"
        - term: Needed in all, everything so far included
        - definition: 1 OPEN
        - paragraph: You promise the worker how much it may take of your deposit at most. It takes what answers cost, and no more. The promise lasts for a week.
        - term: Account
        - definition: "0x…"
        - term: Deposit
        - definition: 0 OPEN
        - term: Promised it before
        - definition: 0 OPEN
        - term: Taken by it so far
        - definition: 0 OPEN
        - group "How much may it take in all?":
          - text: How much may it take in all?
          - 'radio "1 OPEN: just enough"'
          - text: "1 OPEN: just enough"
          - radio "2 OPEN" [checked]
          - text: 2 OPEN
          - radio "6 OPEN"
          - text: 6 OPEN
        - status: "Your deposit has to grow by 2 OPEN for that: two transactions, for which your wallet pays gas. What is not taken you can have back."
        - button "Deposit and promise it"
        - status
        - alert"
    `);
    faults.push(...(await faultsOf(page, 'pay-2')));
    expect(await focused()).toMatch(/^Account/);
    await press('Tab');
    expect(await focused()).toBe('2 OPEN');
    await press('ArrowUp');
    expect(await focused()).toBe('1 OPEN: just enough');
    await arriveAt('Your deposit has to grow by 1 OPEN for that');
    await press('Tab');
    expect(await focused()).toBe('Deposit and promise it');
    await press('Space');
    await eventually(focused).toMatch(/^Promised: 1 OPEN at most/);
    faults.push(...(await faultsOf(page, 'pay-3')));
    expect(faults).toEqual([]);
    await close();
  });
};
