import { openAbi } from '@openledger/protocol/abi';
import { type Hex, zeroAddress } from 'viem';
import { expect, it } from 'vitest';
import { type Earned, keyOf } from './earned.ts';
import { eventually, type Place } from './place.ts';
import { no } from './wallet.ts';

/** A member, sent by the bot to the page where rewards are claimed. */
export const claimPage = (place: () => Place & Earned) => {
  const urlOf = (account: string) => `${place().stage.api.url}/claim?account=${account}`;
  const openOf = (account: string) => {
    const { node, manifest } = place().stage;
    const address = manifest.contracts.Open as Hex;
    return node.readContract({ address, abi: openAbi, functionName: 'balanceOf', args: [account as Hex] });
  };
  const grantOf = (account: string) => place().grants.find((grant) => grant.account === account)!.cumulativeAmount;

  it('any wallet sends the claim, and the OPEN goes to who earned it; afterwards there is nothing left', async () => {
    const { cast, visit, finish } = place();
    const { address } = cast.alice;
    const before = await openOf(address);
    const { said, methods } = await finish(urlOf(address), keyOf(cast.peggy));
    expect(said).toMatch(new RegExp(`^Paid: [\\d.,]+ OPEN to ${address}\\.$`));
    expect((await openOf(address)) - before).toBe(grantOf(address));
    expect(methods.filter((method) => !/Receipt$/.test(method))).toEqual([
      ...['eth_requestAccounts', 'eth_chainId', 'eth_sendTransaction'],
    ]);
    const { page, faults, close } = await visit(urlOf(address));
    await page.getByText('Everything was claimed already').waitFor();
    expect(await page.getByRole('button').count()).toBe(0);
    expect(faults).toEqual([]);
    await close();
  });

  it('refusing, or being on another chain, changes nothing; when somebody else was faster, nothing is sent', async () => {
    const { cast, stage, walletOf, visit } = place();
    const { address } = cast.bob;
    const before = await openOf(address);
    const wallet = walletOf(keyOf(cast.bob), { startsOn: 1n, knows: [1n] });
    const slow = walletOf(keyOf(cast.bob));
    const { page, problem, close } = await visit(urlOf(address), { wallets: [wallet] });
    const late = await visit(urlOf(address), { wallets: [slow] });
    const press = page.getByRole('button', { name: 'Claim with Test Wallet' });
    await press.click();
    await eventually(problem).toContain(`Choose chain number ${stage.chainId} in it`);
    wallet.learn(stage.chainId);
    for (const method of ['wallet_switchEthereumChain', 'eth_sendTransaction']) {
      wallet.refusing.set(method, no);
      await press.click();
      await eventually(problem).toBe('You refused it in the wallet. Nothing was changed.');
      wallet.refusing.clear();
    }
    expect(await openOf(address)).toBe(before);
    await press.click();
    await page.getByText(`to ${address}.`).waitFor();
    expect((await openOf(address)) - before).toBe(grantOf(address));
    expect(await page.locator('#claimable').innerText()).toBe('0 OPEN');

    await late.page.getByRole('button', { name: 'Claim with Test Wallet' }).click();
    await eventually(late.problem).not.toBe('');
    expect(slow.asked.map(({ method }) => method)).toEqual(['eth_requestAccounts']);
    await late.close();
    await close();
  });

  it('a contract wallet claims for itself', async () => {
    const { contract, finish } = place();
    const before = await openOf(contract.address);
    await finish(urlOf(contract.address), contract.key, contract.address);
    expect((await openOf(contract.address)) - before).toBe(grantOf(contract.address));
  });

  it('says so where nothing was earned, no account is named, and the API cannot be reached', async () => {
    const { cast, visit } = place();
    for (const [address, words] of [
      [urlOf(zeroAddress), /claim/],
      [urlOf('0x12'), /names no account/],
      [urlOf(`${cast.carol.address}<script>alert(1)</script>`), /names no account/],
    ] as const) {
      const { page, close } = await visit(address);
      await page.getByRole('status').or(page.getByRole('alert')).filter({ hasText: words }).waitFor();
      expect(await page.getByRole('button').count()).toBe(0);
      await close();
    }
    const { page, problem, close } = await visit(urlOf(cast.carol.address));
    await page.route('**/graphql', (route) => route.abort());
    await page.reload();
    await eventually(problem).toBe('The server cannot be reached just now. Try again in a moment.');
    await close();
  });
};
