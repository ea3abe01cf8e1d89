import { chatLinkRequest } from '@openledger/db/app';
import { loadHarness } from '@openledger/protocol/compile';
import { sql } from 'drizzle-orm';
import { createWalletClient, type Hex, http } from 'viem';
import { expect, it } from 'vitest';
import { eventually, type Place } from './place.ts';
import { no } from './wallet.ts';

/** A member, sent by the bot to the page where a wallet is linked. */
export const linkPage = (place: () => Place) => {
  it('a wallet signs twice, the person confirms in the chat, and the relayer may act for the wallet on chain', async () => {
    const { newKey, finish, invite, stateOf, confirm, relayedUntil } = place();
    const key = newKey();
    const { url, claim } = await invite();
    const { said, methods } = await finish(url, key);
    expect(said).toBe(`Signed. Go back to Telegram and confirm there that the wallet ${key.address} is yours.`);
    expect(methods).toEqual(['eth_requestAccounts', 'personal_sign', 'eth_chainId', 'eth_signTypedData_v4']);
    expect(await stateOf(claim)).toEqual({ state: 'SIGNED', account: key.address.toLowerCase() });
    await confirm(claim);
    await eventually(() => relayedUntil(key.address)).toBeGreaterThan(0n);
  });

  it('shows who asks and the words of the chat, and takes the token out of the address; reloading keeps it', async () => {
    const { newKey, walletOf, visit, invite } = place();
    const { url, phrase } = await invite('601', 'An\u202en <b>&');
    const { page, faults, close } = await visit(url, { wallets: [walletOf(newKey())] });
    const words = page.getByText(phrase, { exact: true });
    await words.waitFor();
    expect(await page.locator('#user').innerText()).toBe('Telegram · Ann <b>& (601)');
    expect(new URL(page.url()).hash).toBe('');
    await page.reload();
    await words.waitFor();
    expect(faults).toEqual([]);
    await close();
  });

  it('who says no in the wallet is told that nothing changed, and may say yes after all', async () => {
    const { newKey, walletOf, visit, invite, stateOf, relayedUntil } = place();
    const { url, claim } = await invite();
    const wallet = walletOf(newKey());
    const { page, problem, arriveAt, close } = await visit(url, { wallets: [wallet] });
    const sign = page.getByRole('button', { name: 'Sign with Test Wallet' });
    for (const method of ['eth_requestAccounts', 'personal_sign']) {
      wallet.refusing.set(method, no);
      await sign.click();
      await eventually(problem).toBe('You refused it in the wallet. Nothing was changed.');
      expect((await stateOf(claim)).state).toBe('WAITING');
      wallet.refusing.clear();
    }
    wallet.refusing.set('personal_sign', { code: -32002, message: 'Already processing' });
    await sign.click();
    await eventually(problem).toMatch(/has a question open already/);
    wallet.refusing.clear();
    await sign.click();
    // The second signature is refused; the first one stands.
    wallet.refusing.set('eth_signTypedData_v4', no);
    await page.getByRole('button', { name: 'Sign that too' }).click();
    await eventually(problem).toMatch(/You refused it/);
    await page.getByRole('button', { name: 'Not now' }).click();
    await arriveAt('Go back to Telegram');
    expect((await stateOf(claim)).state).toBe('SIGNED');
    expect(await relayedUntil(wallet.address)).toBe(0n);
    await close();
  });

  it('a wallet on another chain is asked to change, and is told which one it needs when it does not', async () => {
    const { stage, newKey, walletOf, visit, invite } = place();
    const { url } = await invite();
    const wallet = walletOf(newKey(), { startsOn: 1n, knows: [1n] });
    const { page, problem, close } = await visit(url, { wallets: [wallet] });
    await page.getByRole('button', { name: 'Sign with Test Wallet' }).click();
    await page.getByRole('button', { name: 'Sign that too' }).click();
    await eventually(problem).toContain(`Choose chain number ${stage.chainId} in it`);
    await close();

    const willing = walletOf(newKey(), { startsOn: 1n, knows: [1n, stage.chainId] });
    const again = await visit((await invite()).url, { wallets: [willing] });
    await again.page.getByRole('button', { name: 'Sign with Test Wallet' }).click();
    await again.page.getByRole('button', { name: 'Sign that too' }).click();
    await again.arriveAt('Go back to Telegram');
    expect(willing.asked.map(({ method }) => method)).toContain('wallet_switchEthereumChain');
    await again.close();
  });

  it('two wallets are told apart and the chosen one signs; without any, the page can be taken elsewhere', async () => {
    const { newKey, walletOf, visit, invite, stateOf } = place();
    const [one, other] = [
      walletOf(newKey(), { name: 'Fox', rdns: 'io.fox' }),
      walletOf(newKey(), { name: 'Fox', rdns: 'com.other\u202e', icon: 'https://evil.example/x.png' }),
    ];
    const { url, claim } = await invite();
    const first = await visit(url, { wallets: [one, other] });
    await first.page.getByRole('button', { name: 'Sign with Fox' }).nth(1).waitFor();
    expect(await first.page.getByRole('button', { name: 'Sign with Fox' }).allInnerTexts()).toEqual([
      'Sign with Fox\nio.fox',
      'Sign with Fox\ncom.other',
    ]);
    expect(await first.page.locator('#wallets img').count()).toBe(1);
    await first.page.getByRole('button', { name: 'com.other' }).click();
    await first.page.getByRole('button', { name: 'Not now' }).click();
    await first.arriveAt('Go back to Telegram');
    expect((await stateOf(claim)).account).toBe(other.address.toLowerCase());
    expect(one.asked).toEqual([]);
    expect(first.faults).toEqual([]);
    await first.close();

    const link = await invite();
    const permissions = ['clipboard-read', 'clipboard-write'];
    const none = await visit(link.url, { permissions });
    await none.page.getByText('No wallet was found in this browser').waitFor();
    await none.page.getByRole('button', { name: 'Copy the address' }).click();
    await none.page.getByText('Copied.').waitFor();
    expect(await none.page.evaluate('navigator.clipboard.readText()')).toBe(link.url);
    await none.close();

    const old = walletOf(newKey());
    const before = await visit(link.url, { old });
    await before.page.getByRole('button', { name: 'the wallet of this browser' }).click();
    await before.page.getByRole('button', { name: 'Not now' }).waitFor();
    expect((await stateOf(link.claim)).account).toBe(old.address.toLowerCase());
    await before.close();
  });

  it('links that are used, refused, replaced, too old, cut off or made up say so, and ask no wallet for anything', async () => {
    const { stage, bot, newUser, newKey, walletOf, visit, finish, invite, confirm } = place();
    const signed = await invite();
    await finish(signed.url, newKey());
    const used = await invite();
    await finish(used.url, newKey());
    await confirm(used.claim);
    const refused = await invite();
    await bot('mutation($claim: String!) { refuseChatLink(claim: $claim) }', { claim: refused.claim });
    const user = newUser();
    const replaced = await invite(user);
    const old = await invite(user);
    await stage.app.db
      .update(chatLinkRequest)
      .set({ createdAt: sql`now() - interval '20 minutes'`, expiresAt: sql`now() - interval '1 minute'` })
      .where(sql`${chatLinkRequest.platformUserId} = ${user} and ${chatLinkRequest.refusedAt} is null`);
    const wallet = walletOf(newKey());
    const over = [
      [signed.url, /A wallet has signed for this link/],
      [used.url, /was used already/],
      [refused.url, /void/],
      [replaced.url, /void/],
      [old.url, /ten minutes, which are over/],
      [old.url.slice(0, -3), /whole link/],
      [`${stage.api.url}/link`, /whole link/],
      [`${stage.api.url}/link#oll_${'A'.repeat(43)}`, /no such link/],
    ] as const;
    const look = async ([url, words]: (typeof over)[number]) => {
      const { page, problem, close } = await visit(url, { wallets: [wallet] });
      await eventually(problem).toMatch(words);
      expect(await page.getByRole('button').count()).toBe(0);
      await close();
    };
    await Promise.all(over.map(look));
    expect(wallet.asked).toEqual([]);
  });

  it('what was signed for one link is good for no other, and a page that came too late says so', async () => {
    const { newUser, newKey, walletOf, visit, invite, stateOf } = place();
    const [mine, theirs] = [await invite(), await invite(newUser(), 'mallory')];
    const wallet = walletOf(newKey());
    const { page, problem, close } = await visit(mine.url, { wallets: [wallet] });
    // Somebody between page and API swaps the token that goes with the signature.
    await page.route('**/graphql', async (route) => {
      const body = route.request().postData()!;
      const [ours, others] = [mine, theirs].map(({ url }) => new URL(url).hash.slice(1));
      await route.continue({ postData: /signChatLink/.test(body) ? body.replace(ours!, others!) : body });
    });
    await page.getByRole('button', { name: 'Sign with Test Wallet' }).click();
    await eventually(problem).toMatch(/message is about another chat account/);
    expect((await stateOf(theirs.claim)).state).toBe('WAITING');
    await page.unroute('**/graphql');

    const wallets = [walletOf(newKey())];
    const second = await visit(mine.url, { wallets });
    await second.page.getByRole('button', { name: 'Sign with Test Wallet' }).click();
    await second.page.getByRole('button', { name: 'Not now' }).click();
    await second.arriveAt('Go back to Telegram');
    await page.getByRole('button', { name: 'Sign with Test Wallet' }).click();
    await eventually(problem).toMatch(/A wallet signed for this link already/);
    await second.close();
    await close();
  });

  it('a contract wallet is linked by what its contract says of the signature (ERC-1271)', async () => {
    const { stage, newKey, finish, invite, stateOf, confirm, relayedUntil } = place();
    const { SmartWallet } = await loadHarness();
    const owner = await stage.rich();
    const client = createWalletClient({ account: owner.account, transport: http(stage.rpcUrl) });
    const key = newKey();
    const hash = await client.deployContract({
      ...{ abi: SmartWallet!.abi as never, bytecode: SmartWallet!.bytecode as Hex, chain: null },
      args: [key.address] as never,
    });
    const address = (await stage.node.waitForTransactionReceipt({ hash })).contractAddress!;
    const { url, claim } = await invite();
    await expect(finish(url, newKey(), address)).rejects.toThrow(/signature is not 0x/);
    await finish(url, key, address);
    expect((await stateOf(claim)).account).toBe(address.toLowerCase());
    await confirm(claim);
    await eventually(() => relayedUntil(address)).toBeGreaterThan(0n);
  });

  it('speaks the reader’s language, and works with keys alone', async () => {
    const { newKey, walletOf, visit, invite } = place();
    const { url } = await invite();
    const [address, hash] = url.split('#');
    const wallet = walletOf(newKey());
    const spanish = await visit(`${address}?lang=es#${hash}`, { wallets: [wallet], locale: 'de-AT' });
    await spanish.page.getByRole('heading', { name: 'Vincular una cartera' }).waitFor();
    expect(await spanish.page.locator('html').getAttribute('lang')).toBe('es');
    await spanish.close();
    const { page, close } = await visit(url, { wallets: [wallet], locale: 'de-AT' });
    await page.getByRole('button', { name: 'Mit Test Wallet unterschreiben' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '2. Den Bot' }).waitFor();
    const focused = () => page.evaluate<string>('document.activeElement.textContent.trim()');
    expect(await focused()).toMatch(/^2\. Den Bot/);
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Auch das unterschreiben');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await eventually(focused).toMatch(/^Unterschrieben\. Geh zurück zu Telegram/);
    await close();
  });
};
