import { type ContractName, contractAbis, protocolEvents } from '@openledger/protocol/abi';
import { Interface, type InterfaceAbi, JsonRpcProvider } from 'ethers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshProtocol, startFreshProtocol } from './drive/fresh-protocol.ts';
import { type Driven, driveProtocol, vestingContract } from './drive/index.ts';

const blockTime = 3_600;

describe('the driver', () => {
  let fresh: FreshProtocol;
  let provider: JsonRpcProvider;
  let driven: Driven;

  beforeAll(async () => {
    fresh = await startFreshProtocol();
    provider = new JsonRpcProvider(fresh.rpcUrl, undefined, { staticNetwork: true, cacheTimeout: -1 });
    await fresh.chain.setAutomine(false);
    await fresh.chain.setIntervalMining(blockTime);
    driven = await driveProtocol(fresh);
  }, 120_000);

  afterAll(async () => {
    provider?.destroy();
    await fresh?.stop();
  });

  it('makes every contract emit every event it can, so that nothing downstream goes untested', async () => {
    const missing: string[] = [];
    for (const contract of Object.keys(protocolEvents) as ContractName[]) {
      const coder = new Interface(contractAbis[contract] as unknown as InterfaceAbi);
      for (const event of protocolEvents[contract]) {
        const topics = [coder.getEvent(event)!.topicHash];
        const logs = await provider.getLogs({
          address: addressesOf(contract),
          topics,
          fromBlock: 0,
          toBlock: 'latest',
        });
        if (logs.length === 0) missing.push(`${contract}.${event}`);
      }
    }
    expect(missing).toEqual([]);
    expect(driven.transactions).toBeGreaterThan(300);
  });

  it('gives mining back as it found it', async () => {
    expect(await provider.send('anvil_getIntervalMining', [])).toBe(blockTime);
    expect(await provider.send('anvil_getAutomine', [])).toBe(false);
  });

  it('says who sent which call when the chain refuses one, and why: the same proposals cannot be made twice', async () => {
    await expect(driveProtocol(fresh)).rejects.toThrow(
      /^greta sent OpenGovernor\.propose\(.*Allow influence attribution\), and it was refused: GovernorUnexpectedProposalState\(/,
    );
  });

  it('says what the accounts lack', async () => {
    const poor = fresh.accounts.slice(0, 1);
    await expect(driveProtocol({ ...fresh, accounts: poor })).rejects.toThrow(
      /None of the 1 accounts holds .* wei of OPEN.*liquidity part of genesis/,
    );
  });

  function addressesOf(contract: ContractName): string | string[] {
    const address = (fresh.manifest.contracts as Partial<Record<ContractName, string>>)[contract];
    if (address !== undefined) return address;
    return fresh.manifest.vesting
      .filter((wallet) => vestingContract(wallet) === contract)
      .map((wallet) => wallet.address);
  }
});
