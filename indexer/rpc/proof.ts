import type { Hex } from 'viem';
import type { RawBlock } from './block.ts';
import { bloomOf } from './bloom.ts';
import { goneBlock, RpcFault } from './fault.ts';
import type { Node } from './node.ts';
import type { Nodes, RpcLog } from './nodes.ts';
import { type RawLog, readLogs, readReceipts, receiptsRoot } from './receipts.ts';

/** Every log of a block, proved complete against its header. */
export type Proof = { logsOf: (block: RawBlock) => Promise<readonly RawLog[]> };

/**
 * Asks for a block's receipts and checks that they come to the header's `receiptsRoot`: then no log can be missing, added
 * or altered. Where no node has `eth_getBlockReceipts`, or the chain hashes its receipts in a way of its own, the logs
 * of the block are asked for instead and must come to exactly the header's bloom and stand there without a gap, which
 * leaves only the loss of a repeated last log unseen.
 */
export const createProof = (nodes: Nodes, log: RpcLog): Proof => {
  let byReceipts = true;

  const fromReceipts = async (block: RawBlock): Promise<readonly RawLog[]> => {
    let mismatches = 0;
    const accept = async (answer: unknown, node: Node) => {
      const { origin } = node;
      if (answer === null) {
        await mustHave(node, block);
        throw new RpcFault('unfit', `${origin} does not have the receipts of block ${Number(block.number)}`);
      }
      const receipts = readReceipts(answer, node);
      if (receiptsRoot(receipts) !== block.receiptsRoot) {
        const isWhole = receipts.length === block.transactions.length;
        if (isWhole) mismatches++;
        if (isWhole && mismatches >= 5) {
          throw new RpcFault('unsupported', `the receipts of block ${Number(block.number)} do not come to its root`);
        }
        throw new RpcFault('unfit', `${origin} gave receipts that are not those of block ${Number(block.number)}`);
      }
      return receipts.flatMap(({ logs }) => logs);
    };
    return nodes.ask({ method: 'eth_getBlockReceipts', params: [block.hash] }, accept);
  };

  const fromLogs = (block: RawBlock): Promise<readonly RawLog[]> =>
    nodes.ask({ method: 'eth_getLogs', params: [{ blockHash: block.hash }] }, async (answer, node) => {
      const logs = readLogs(answer, node);
      const ordered = logs.toSorted((a, b) => Number(a.logIndex) - Number(b.logIndex));
      const isWhole = ordered.every(({ logIndex, blockHash }, i) => Number(logIndex) === i && blockHash === block.hash);
      if (isWhole && bloomOf(ordered) === block.logsBloom) return ordered;
      await mustHave(node, block);
      throw new RpcFault('unfit', `${node.origin} gave other logs than block ${Number(block.number)} has`);
    });

  return {
    logsOf: async (block) => {
      if (block.logsBloom === emptyBloom) return [];
      if (byReceipts) {
        try {
          return await fromReceipts(block);
        } catch (error) {
          if (!(error instanceof RpcFault) || error.kind !== 'unsupported') throw error;
          byReceipts = false;
          log('Logs are proved by blooms only', { because: error.message });
        }
      }
      return fromLogs(block);
    },
  };
};

/** Tells a node that lags or errs from one that rightly knows nothing of a block. @throws RpcFault `gone` */
const mustHave = async (node: Node, { hash }: RawBlock): Promise<void> => {
  if ((await node.ask({ method: 'eth_getBlockByHash', params: [hash, false] })) === null) throw goneBlock(hash);
};

const emptyBloom: Hex = `0x${'0'.repeat(512)}`;
