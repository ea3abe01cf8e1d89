import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { Hex } from '@openledger/db/chain';
import { developmentAccounts } from '@openledger/protocol/chain';
import { loadHarness } from '@openledger/protocol/compile';
import { type Abi, createPublicClient, createWalletClient, http } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { CHAIN_ID, INDEXED } from './world.ts';

export type TestChain = {
  readonly url: string;
  readonly mine: (blocks: number) => Promise<void>;
  /** Deploys a contract of the protocol's test harness. @returns its address */
  readonly deploy: (name: string, ...args: unknown[]) => Promise<Hex>;
  readonly stop: () => Promise<void>;
};

/** A real local chain whose head is the block that the seeded index is at. */
export async function startChain(): Promise<TestChain> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const binary = new URL('../../node_modules/.bin/anvil', import.meta.url).pathname;
  const options = {
    '--chain-id': CHAIN_ID,
    '--number': INDEXED.block,
    '--timestamp': INDEXED.timestamp,
    '--port': port,
    '--accounts': 1,
  };
  const child: ChildProcess = spawn(binary, [...Object.entries(options).flat().map(String), '--silent'], {
    stdio: 'ignore',
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const call = async (method: string, params: unknown[]) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    await response.json();
  };
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    const answered = await call('eth_chainId', []).then(
      () => true,
      () => false,
    );
    if (answered) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url,
    deploy: async (name, ...args) => {
      const { abi, bytecode } = (await loadHarness())[name]!;
      const [account] = developmentAccounts(1);
      const transport = http(url);
      const wallet = createWalletClient({ account: privateKeyToAccount(account!.privateKey), transport });
      const hash = await wallet.deployContract({ abi: abi as Abi, bytecode, args, chain: null });
      const receipt = await createPublicClient({ transport }).waitForTransactionReceipt({ hash, pollingInterval: 50 });
      return receipt.contractAddress!;
    },
    mine: (blocks) => call('anvil_mine', [`0x${blocks.toString(16)}`, '0x10']),
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
