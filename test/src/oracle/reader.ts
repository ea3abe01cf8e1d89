import { createDecoder, type RawLog } from './decoder.ts';
import type { ChainEvent, Emitter } from './event.ts';
import { type Rpc, toHex } from './rpc.ts';

/** The chain was reorganised while it was read, or is another than the one asked for. */
export class ChainMoved extends Error {
  override readonly name = 'ChainMoved';
}

type Log = RawLog & {
  readonly blockNumber: string;
  readonly blockHash: string;
  readonly transactionHash: string;
  readonly transactionIndex: string;
  readonly logIndex: string;
};

type Block = {
  readonly hash: string;
  readonly timestamp: string;
  readonly transactions: readonly { readonly hash: string; readonly from: string }[];
};

/** What is read of a chain. */
export type Source = {
  readonly chainId: bigint;
  readonly startBlock: bigint;
  /** By address in lower case. */
  readonly contracts: ReadonlyMap<string, Emitter>;
};

export type ReadOptions = {
  readonly rpc: Rpc;
  readonly source: Source;
  /** The last block to read. */
  readonly toBlock: bigint;
  /** Blocks to one eth_getLogs at most; halved where the node refuses. */
  readonly pageBlocks?: bigint;
  /** Told of each page: the last block read, and the events in it. */
  readonly onProgress?: (block: bigint, events: number) => void;
};

const inFlight = 8;

/**
 * Every event of some contracts of a chain up to a block, in the chain's order.
 * @throws ChainMoved when a log's block is no longer the canonical one. RpcError.
 */
export async function* readEvents(options: ReadOptions): AsyncGenerator<ChainEvent> {
  const { rpc, source, toBlock, onProgress = () => {} } = options;
  const decode = createDecoder(source.contracts);
  const address = [...source.contracts.keys()];
  const largest = options.pageBlocks ?? 1_000n;
  let page = largest;
  for (let from = source.startBlock; from <= toBlock; ) {
    const last = from + page - 1n < toBlock ? from + page - 1n : toBlock;
    const filter = { address, fromBlock: toHex(from), toBlock: toHex(last) };
    let logs: readonly Log[];
    try {
      logs = await rpc<readonly Log[]>('eth_getLogs', [filter]);
    } catch (error) {
      if (page === 1n) throw error;
      page = page / 2n;
      continue;
    }
    const blocks = await blocksOf(rpc, logs);
    const ordered = logs.toSorted((a, b) => order(a.blockNumber, b.blockNumber) || order(a.logIndex, b.logIndex));
    let events = 0;
    for (const log of ordered) {
      const event = decode(log, placeOf(source.chainId, log, blocks));
      if (event === undefined) continue;
      events++;
      yield event;
    }
    onProgress(last, events);
    from = last + 1n;
    if (page < largest) page *= 2n;
  }
}

/** The hash of a block. @throws ChainMoved where the chain does not reach it. */
export async function blockHash(rpc: Rpc, block: bigint): Promise<string> {
  const found = await rpc<{ hash: string } | null>('eth_getBlockByNumber', [toHex(block), false]);
  if (found === null) throw new ChainMoved(`the chain does not reach block ${block}`);
  return found.hash;
}

const order = (a: string, b: string): number => Number(BigInt(a) - BigInt(b));

type Dated = { readonly timestamp: bigint; readonly senders: ReadonlyMap<string, string> };

/** The blocks of some logs by number, each asked for once. */
async function blocksOf(rpc: Rpc, logs: readonly Log[]): Promise<ReadonlyMap<string, Dated>> {
  const waiting = [...new Map(logs.map(({ blockNumber, blockHash }) => [blockNumber, blockHash]))];
  const blocks = new Map<string, Dated>();
  const worker = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [number, hash] = next;
      const block = await rpc<Block | null>('eth_getBlockByNumber', [number, true]);
      if (block?.hash !== hash) throw new ChainMoved(`block ${BigInt(number)} was replaced while it was read`);
      const senders = new Map(block.transactions.map(({ hash, from }) => [hash, from.toLowerCase()]));
      blocks.set(number, { timestamp: BigInt(block.timestamp), senders });
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return blocks;
}

function placeOf(chainId: bigint, log: Log, blocks: ReadonlyMap<string, Dated>) {
  const block = blocks.get(log.blockNumber)!;
  const sender = block.senders.get(log.transactionHash);
  if (sender === undefined) throw new ChainMoved(`${log.transactionHash} is not in the block of its logs`);
  return {
    chainId,
    block: BigInt(log.blockNumber),
    timestamp: block.timestamp,
    txHash: log.transactionHash,
    txIndex: Number(log.transactionIndex),
    logIndex: Number(log.logIndex),
    address: log.address.toLowerCase(),
    sender,
  };
}
