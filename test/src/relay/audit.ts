import { relay, relayTransaction } from '@openledger/db/app';
import { datanetRegistryAbi } from '@openledger/protocol/abi';
import { Interface } from 'ethers';
import type { Ground } from './ground.ts';

/** What became of the contributions, by the chain's own blocks. */
export type Audit = {
  /** Rows of ours that are not final, or whose contribution is on no block. */
  readonly lost: number;
  /** Contributions that stand in more than one transaction, or that the chain knows twice. */
  readonly doubled: number;
  /** Transactions of the relayer's that the chain refused. */
  readonly refused: number;
  readonly contributions: number;
  readonly transactions: number;
};

type OnChain = { readonly from: string; readonly input: string; readonly hash: string };

/** Counts in every block from the first: each contribution once, in one transaction of the relayer's. */
export async function audit(ground: Ground): Promise<Audit> {
  const { chain, db, relayer, registry } = ground;
  const coder = new Interface(datanetRegistryAbi);
  const sent = new Map<string, number>();
  let refused = 0;
  let transactions = 0;
  const head = Number(await chain.call<string>('eth_blockNumber'));
  for (let number = 0; number <= head; number++) {
    const block = await chain.call<{ transactions: OnChain[] }>('eth_getBlockByNumber', [
      `0x${number.toString(16)}`,
      true,
    ]);
    for (const { from, input, hash } of block.transactions) {
      if (from.toLowerCase() !== relayer.address) continue;
      transactions += 1;
      const { status } = await chain.call<{ status: string }>('eth_getTransactionReceipt', [hash]);
      if (status !== '0x1') refused += 1;
      for (const contentHash of contentsIn(coder, input)) sent.set(contentHash, (sent.get(contentHash) ?? 0) + 1);
    }
  }
  const known = new Map<string, number>();
  for (const log of await registry.queryFilter(registry.filters.ContributionSubmitted!())) {
    const contentHash = coder.parseLog(log)!.args.contentHash as string;
    known.set(contentHash, (known.get(contentHash) ?? 0) + 1);
  }
  const rows = await db.select().from(relay);
  const hashes = rows.map(({ payload }) => String(payload.contentHash));
  const isThere = (hash: string) => known.has(hash);
  return {
    lost: rows.filter(({ state }, i) => state !== 'final' || !isThere(hashes[i]!)).length,
    doubled: hashes.filter((hash) => (sent.get(hash) ?? 0) > 1 || (known.get(hash) ?? 0) > 1).length,
    refused,
    contributions: rows.length,
    transactions,
  };
}

function contentsIn(coder: Interface, input: string): readonly string[] {
  const call = input === '0x' ? null : coder.parseTransaction({ data: input });
  if (call === null) return [];
  if (call.name === 'multicall') return (call.args[0] as string[]).flatMap((each) => contentsIn(coder, each));
  return call.args.contentHash === undefined ? [] : [String(call.args.contentHash)];
}

/** Every transaction is settled, and none was given up. */
export async function unsettled({ db }: Ground): Promise<number> {
  const all = await db.select({ isSettled: relayTransaction.isSettled }).from(relayTransaction);
  return all.filter(({ isSettled }) => !isSettled).length;
}
