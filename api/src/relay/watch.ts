import { type Fees, nonceAt, receiptOf, suggestFees } from './chain.ts';
import type { Block, Receipt } from './node.ts';
import type { Relayer } from './relayer.ts';
import { broadcast, bump, note } from './send.ts';
import {
  type Attempt,
  markFinal,
  markMined,
  markReplaced,
  markUnmined,
  type OpenTransaction,
  readOpen,
  reopen,
} from './transactions.ts';

/** Milliseconds after which a transaction that no block has is handed to the chain again: nodes forget. */
const AGAIN_MS = 15_000;

/** What is still open after a look at the chain, in the order of nonces. */
export type Open = {
  readonly head: Block;
  readonly all: readonly OpenTransaction[];
  /** Those that stand in no block. */
  readonly unmined: readonly OpenTransaction[];
};

/** Brings what was sent up to what the chain shows: mined, final, taken back, or still to be mined. */
export async function watch(relayer: Relayer, head: Block): Promise<Open> {
  const { memory, log } = relayer;
  memory.minedBelow = await nonceAt(relayer, 'latest');
  const reopened = await reopen(relayer, memory.minedBelow);
  if (reopened > 0) log.error({ transactions: reopened }, 'the chain has lost what was final: it is sent again');
  const all = await readOpen(relayer);
  const unmined: OpenTransaction[] = [];
  for (const transaction of all) {
    const found = await findMined(relayer, transaction);
    if (found !== null) await follow(relayer, transaction, found, head);
    else if (!(await isReplaced(relayer, transaction, head))) unmined.push(await push(relayer, transaction));
  }
  await raiseFee(relayer, unmined[0], head);
  return { head, all, unmined };
}

type Mined = { readonly attempt: Attempt; readonly receipt: Receipt };

/** Any attempt may be the one that a block has. */
async function findMined(relayer: Relayer, { tried }: OpenTransaction): Promise<Mined | null> {
  for (const attempt of tried) {
    const receipt = await receiptOf(relayer, attempt.hash);
    if (receipt !== null) return { attempt, receipt };
  }
  return null;
}

async function follow(relayer: Relayer, transaction: OpenTransaction, { attempt, receipt }: Mined, head: Block) {
  const { id, nonce, minedBlockHash } = transaction;
  const { log } = relayer;
  relayer.memory.passedAt.delete(id);
  if (minedBlockHash !== receipt.blockHash) {
    relayer.step('mining');
    await markMined(relayer, id, attempt, receipt);
    const facts = { nonce: `${nonce}`, hash: attempt.hash, block: `${receipt.blockNumber}` };
    if (receipt.status === 1n) log.info(facts, 'mined');
    else log.warn(facts, 'refused on chain: its actions go again, one by one');
    relayer.step('mined');
  }
  if (head.number - receipt.blockNumber >= relayer.config.finalityBlocks) {
    relayer.step('finalising');
    await markFinal(relayer, id);
    forget(relayer, transaction);
    relayer.step('final');
  }
}

/** Hands it to the chain again when that is due. */
async function push(relayer: Relayer, transaction: OpenTransaction): Promise<OpenTransaction> {
  const { id, nonce, raw, minedBlock } = transaction;
  const { memory, log } = relayer;
  if (minedBlock !== null) {
    log.warn({ nonce: `${nonce}`, block: `${minedBlock}` }, 'its block was taken back');
    await markUnmined(relayer, id);
    memory.sentAt.delete(id);
  }
  const sentAt = memory.sentAt.get(id);
  if (sentAt === undefined || performance.now() - sentAt > AGAIN_MS) await broadcast(relayer, id, raw);
  return transaction;
}

/**
 * Whether something else stands for good in a block with its nonce, as when the same key is used elsewhere too. That is
 * believed after as many blocks as make one final, and only while no attempt is found.
 */
async function isReplaced(relayer: Relayer, transaction: OpenTransaction, head: Block): Promise<boolean> {
  const { memory, config, log } = relayer;
  const { id, nonce } = transaction;
  if (nonce >= memory.minedBelow) {
    memory.passedAt.delete(id);
    return false;
  }
  const since = memory.passedAt.get(id) ?? head.number;
  memory.passedAt.set(id, since);
  if (head.number - since < config.finalityBlocks) return false;
  log.warn({ nonce: `${nonce}` }, 'something else was sent with this nonce: its actions go again');
  await markReplaced(relayer, id);
  forget(relayer, transaction);
  return true;
}

/** Raises the fee of the transaction that the others wait for, when blocks pass it by. */
async function raiseFee(relayer: Relayer, first: OpenTransaction | undefined, head: Block): Promise<void> {
  const newest = first?.tried[0];
  if (first === undefined || newest === undefined) return note(relayer, 'stuck', null);
  const { memory, config } = relayer;
  const since = memory.seenAt.get(newest.hash) ?? head.number;
  memory.seenAt.set(newest.hash, since);
  const isStuck = head.number > since && first.ageSeconds >= config.stuckSeconds;
  if (!isStuck || first.nonce < memory.minedBelow) return;
  const fees = raised(newest, await suggestFees(relayer, head));
  if (fees.maxFeePerGas > config.maxFeePerGas) {
    const most = config.maxFeePerGas / 1_000_000_000n;
    return note(
      relayer,
      'stuck',
      `Transaction ${newest.hash} is not mined, and a higher fee would be above RELAYER_MAX_FEE_GWEI=${most}.`,
    );
  }
  note(relayer, 'stuck', null);
  await bump(relayer, first, fees);
}

/** Nodes take another attempt at a nonce when it pays an eighth more, in both fees. */
function raised({ maxFeePerGas, maxPriorityFeePerGas }: Fees, suggested: Fees): Fees {
  const atLeast = (old: bigint, now: bigint) => {
    const more = (old * 9n + 7n) / 8n + 1n;
    return more > now ? more : now;
  };
  const tip = atLeast(maxPriorityFeePerGas, suggested.maxPriorityFeePerGas);
  const most = atLeast(maxFeePerGas, suggested.maxFeePerGas);
  return { maxFeePerGas: most > tip ? most : tip, maxPriorityFeePerGas: tip };
}

function forget({ memory }: Relayer, { id, tried }: OpenTransaction): void {
  memory.sentAt.delete(id);
  memory.passedAt.delete(id);
  for (const { hash } of tried) memory.seenAt.delete(hash);
}
