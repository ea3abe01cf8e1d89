import { openAbi } from '@openledger/protocol/abi';
import { developmentAccounts } from '@openledger/protocol/chain';
import type { Manifest } from '@openledger/protocol/deploy';
import { Contract, type JsonRpcProvider, parseEther, Wallet } from 'ethers';
import { personaKey } from './scenario/personas.ts';

/** The last of the accounts that a local chain funds with ether; nobody in the scenario is it. PUBLICLY KNOWN. */
export const localRelayer = developmentAccounts(40).at(-1)!;

/** OPEN that the relayer is given when it has less than a tenth of it left: it puts up the bonds of what it submits. */
const float = parseEther('100000');

/** Gives the local relayer OPEN for bonds, and allows the StakeManager to take them; the chain must mine at once. */
export async function outfitRelayer(provider: JsonRpcProvider, { contracts }: Manifest): Promise<void> {
  const relayer = new Wallet(localRelayer.privateKey, provider);
  const open = new Contract(contracts.Open, openAbi, relayer);
  const [balance, allowance] = (await Promise.all([
    open.getFunction('balanceOf')(relayer.address),
    open.getFunction('allowance')(relayer.address, contracts.StakeManager),
  ])) as [bigint, bigint];
  if (balance < float / 10n) {
    const giver = open.connect(new Wallet(personaKey('lior'), provider)) as Contract;
    await (await giver.getFunction('transfer').send(relayer.address, float)).wait();
  }
  if (allowance < float) {
    await (await open.getFunction('approve').send(contracts.StakeManager, 2n ** 256n - 1n)).wait();
  }
}
