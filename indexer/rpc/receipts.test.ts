import { startLocalChain } from '@openledger/protocol/chain';
import { createTestClient, http, numberToHex, pad, publicActions, walletActions } from 'viem';
import { expect, test } from 'vitest';
import { readBlock } from './block.ts';
import { bloomOf } from './bloom.ts';
import { createNode } from './node.ts';
import { readReceipts, receiptsRoot } from './receipts.ts';
import { orderedTrieRoot } from './trie.ts';

// A wrong root would have every block of a chain doubted, or a block with a missing log believed.

test('the root of nothing is the empty trie’s', () => {
  expect(orderedTrieRoot([])).toBe('0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421');
});

test('receipts of every kind, and of more transactions than one byte counts, come to what the chain says', async () => {
  const chain = await startLocalChain();
  try {
    const client = createTestClient({ mode: 'anvil', transport: http(chain.url) })
      .extend(publicActions)
      .extend(walletActions);
    const [account] = await client.getAddresses();
    // Emits its input as a log of one topic; reverts when there is none. Assembled.
    const contract = pad('0xe1', { size: 20 });
    await client.setCode({
      address: contract,
      bytecode: '0x366007575f5ffd5b365f5f3736365fa100',
    });
    await client.setAutomine(false);
    await chain.call('evm_setBlockGasLimit', ['0x3b9aca00']);
    for (const count of [1, 2, 17, 300]) {
      for (let i = 0; i < count; i++) {
        const kind = [
          { gasPrice: '0x4a817c800' },
          { maxFeePerGas: '0x4a817c800' },
          { gasPrice: '0x4a817c800', accessList: [] },
        ][i % 3];
        const data = i % 7 === 0 ? '0x' : pad(numberToHex(i), { size: 32 + (i % 90) });
        await chain.call('eth_sendTransaction', [{ from: account, to: contract, data, gas: '0x186a0', ...kind }]);
      }
      await client.mine({ blocks: 1 });
    }
    const node = createNode(chain.url, 5_000);
    const counts: number[] = [];
    for (let number = 0n; number <= 4n; number++) {
      const block = readBlock(
        await node.ask({ method: 'eth_getBlockByNumber', params: [numberToHex(number), true] }),
        node,
      );
      const receipts = readReceipts(await node.ask({ method: 'eth_getBlockReceipts', params: [block.hash] }), node);
      const logs = receipts.flatMap((receipt) => receipt.logs);
      expect(receiptsRoot(receipts)).toBe(block.receiptsRoot);
      expect(receiptsRoot(receipts.toReversed())).toBe(block.receiptsRoot);
      expect(bloomOf(logs)).toBe(block.logsBloom);
      counts.push(logs.length);
      const [first] = logs;
      if (first === undefined) continue;
      first.data = `${first.data}00`;
      expect(receiptsRoot(receipts)).not.toBe(block.receiptsRoot);
    }
    expect(counts).toEqual([0, 0, 1, 14, 257]);
  } finally {
    await chain.stop();
  }
});
