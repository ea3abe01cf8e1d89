import { voucher } from '@openledger/db/app';
import { inferenceEscrowAbi } from '@openledger/protocol/abi';
import { eq } from 'drizzle-orm';
import { type Hex, parseEther } from 'viem';
import { expect, it } from 'vitest';
import { type Earned, keyOf } from './earned.ts';
import { eventually, type Place } from './place.ts';
import { no } from './wallet.ts';

/** A member, sent by the bot to the page where answers are paid for. */
export const payPage = (place: () => Place & Earned) => {
  const urlOf = (account: string, least: string, worker: string = place().worker) =>
    `${place().stage.api.url}/pay?worker=${worker}&least=${parseEther(least)}&account=${account}`;
  const depositOf = async (account: string) => {
    const { node, manifest } = place().stage;
    const address = manifest.contracts.InferenceEscrow as Hex;
    const [balance] = await node.readContract({
      ...{ address, abi: inferenceEscrowAbi },
      ...{ functionName: 'payers', args: [account as Hex] },
    });
    return balance;
  };
  const promisedBy = async (account: string) => {
    const [row] = await place()
      .stage.app.db.select()
      .from(voucher)
      .where(eq(voucher.payer, account as Hex));
    return row?.cumulativeAmount;
  };
  const transactions = (methods: readonly string[]) => methods.filter((method) => method === 'eth_sendTransaction');

  it('deposits what is lacking and promises the worker its part; with enough deposited, only signs', async () => {
    const { cast, finish } = place();
    const { address } = cast.gail;
    const first = await finish(urlOf(address, '0.5'), keyOf(cast.gail));
    expect(first.said).toMatch(/^Promised: 1\.5 OPEN at most, by 0x/);
    expect(transactions(first.methods)).toHaveLength(2);
    expect(await depositOf(address)).toBe(parseEther('1.5'));
    expect(await promisedBy(address)).toBe(parseEther('1.5'));

    const { visit, walletOf } = place();
    const wallet = walletOf(keyOf(cast.gail));
    const { page, faults, arriveAt, close } = await visit(urlOf(address, '0.7'), { wallets: [wallet] });
    await page.getByRole('button', { name: 'Go on with Test Wallet' }).click();
    await page.getByRole('radio', { name: '1.5 OPEN: just enough' }).check();
    await arriveAt('Your deposit is enough for that.');
    expect(await page.locator('#promised').innerText()).toBe('1.5 OPEN');
    await page.getByRole('button', { name: 'Promise it' }).click();
    await arriveAt('Promised: 1.5 OPEN at most');
    expect(transactions(wallet.asked.map(({ method }) => method))).toEqual([]);
    expect(faults).toEqual([]);
    await close();
  });

  it('who says no on the way goes on where they stopped, and sends nothing twice', async () => {
    const { cast, visit, walletOf } = place();
    const { address } = cast.gina;
    const wallet = walletOf(keyOf(cast.gina));
    const { page, problem, arriveAt, close } = await visit(urlOf(address, '2'), { wallets: [wallet] });
    const enter = page.getByRole('button', { name: 'Go on with Test Wallet' });
    wallet.refusing.set('personal_sign', no);
    await enter.click();
    await eventually(problem).toMatch(/You refused it/);
    wallet.refusing.clear();
    await enter.click();
    const promise = page.getByRole('button', { name: 'Deposit and promise it' });
    await promise.waitFor();
    wallet.refusing.set('eth_sendTransaction', no);
    await promise.click();
    await eventually(problem).toMatch(/You refused it/);
    expect(await depositOf(address)).toBe(0n);
    wallet.refusing.clear();
    wallet.refusing.set('eth_signTypedData_v4', no);
    await promise.click();
    await eventually(problem).toMatch(/You refused it/);
    expect(await depositOf(address)).toBe(parseEther('3'));
    expect(await promisedBy(address)).toBeUndefined();
    wallet.refusing.clear();
    await page.locator('#promise').click();
    await arriveAt('Promised: 3 OPEN at most');
    expect(await depositOf(address)).toBe(parseEther('3'));
    expect(await promisedBy(address)).toBe(parseEther('3'));
    await close();
  });

  it('a contract wallet signs by what its contract says (ERC-1271)', async () => {
    const { contract, finish } = place();
    const { said, methods } = await finish(urlOf(contract.address, '30'), contract.key, contract.address);
    expect(said).toMatch(/^Promised: 31 OPEN at most/);
    expect(transactions(methods)).toEqual([]);
    expect(await promisedBy(contract.address)).toBe(parseEther('31'));
  });

  it('says so when the wallet shows another account, has too little, or the link names no worker', async () => {
    const { cast, newKey, finish, visit } = place();
    const poor = newKey();
    await expect(finish(urlOf(cast.gus.address, '1'), keyOf(cast.greta))).rejects.toThrow(
      new RegExp(`The wallet shows ${cast.greta.address}; the linked one is ${cast.gus.address}`, 'i'),
    );
    await expect(finish(urlOf(poor.address, '1'), poor)).rejects.toThrow(/has 0 OPEN; 2 OPEN have to be deposited/);
    await expect(finish(urlOf(poor.address, '1', cast.gus.address), poor)).rejects.toThrow(
      /is no worker on this chain/,
    );
    const { page, problem, close } = await visit(urlOf(poor.address, '1', '0x12'));
    await eventually(problem).toMatch(/says no worker and amount/);
    expect(await page.getByRole('button').count()).toBe(0);
    await close();
  });
};
