import { callOf } from './actions.ts';
import { type Batch, isDoneNow, nextBatch } from './batch.ts';
import { balanceOf, batchOf, genesisOf, headOf, nonceAt, suggestFees } from './chain.ts';
import type { RelayRow } from './enqueue.ts';
import { type Block, NodeError } from './node.ts';
import type { Relayer } from './relayer.ts';
import { nextDue, readDone, readPending, settleDone } from './rows.ts';
import { lacksFunds, note, send } from './send.ts';
import { type Open, watch } from './watch.ts';

/** Transactions sent and not mined at a time, at most: a node forgets what lies far beyond the next nonce. */
const IN_FLIGHT = 8;
/** Most batches looked for in one round, so that what was sent is looked after in between. */
const BATCHES = 8;

/** When the next round is due: a moment, or not before something new happens. */
export type Next = Date | null;

/**
 * Once round: look after what was sent, then send what waits. It can end anywhere, at any time: the next round, of this
 * process or of another, goes on from what Postgres and the chain hold.
 * @throws Error what Postgres says when it cannot be used; that no node answers is noted, not thrown.
 */
export async function round(relayer: Relayer): Promise<Next> {
  const soon = () => new Date(Date.now() + relayer.config.pollMs);
  try {
    if (!(await isRightChain(relayer))) return soon();
    const head = await headOf(relayer);
    const open = await watch(relayer, head);
    await settle(relayer, head);
    const isBusy = await sendPending(relayer, open);
    note(relayer, 'node', null);
    note(relayer, 'round', null);
    const isOpen = isBusy || open.all.length > 0 || (await readDone(relayer)).length > 0;
    return isOpen ? soon() : await nextDue(relayer);
  } catch (error) {
    // Nothing is known of what it was to say, so nothing has failed.
    if (!(error instanceof NodeError)) throw error;
    note(relayer, 'node', `No node of the chain answers as it should: ${error.message}.`);
    return soon();
  }
}

/** @returns false where block 0 is another: ids and nonces there are not those that the rows speak of. */
async function isRightChain(relayer: Relayer): Promise<boolean> {
  const genesis = await genesisOf(relayer);
  const isRight = genesis === relayer.genesisHash;
  note(relayer, 'chain', isRight ? null : wrongChain(relayer.genesisHash, genesis));
  return isRight;
}

export const wrongChain = (expected: string, found: string) =>
  `CHAIN_RPC_URL leads to another chain than the contracts were deployed on: its block 0 is ${found}, and CONTRACTS_FILE says ${expected}. Nothing is sent.`;

/** Rows whose effect was found on chain become final with it, or wait again when it is gone. */
async function settle(relayer: Relayer, head: Block): Promise<void> {
  for (const row of await readDone(relayer)) {
    const isDone = await isDoneNow(relayer, callOf(row.action, row.payload).isDone);
    if (!isDone) await settleDone(relayer, row.idempotencyKey, 'undone');
    else if (head.number - row.doneBlock! >= relayer.config.finalityBlocks) {
      await settleDone(relayer, row.idempotencyKey, 'final');
    }
  }
}

/** Sends what waits, as far as fees, funds and the number of transactions in flight allow. @returns whether anything is under way. */
async function sendPending(relayer: Relayer, { head, all, unmined }: Open): Promise<boolean> {
  const { memory, config } = relayer;
  const nonces = new Set(all.map(({ nonce }) => nonce));
  let inFlight = unmined.length;
  let newest = unmined.at(-1)?.nonce ?? null;
  let rows: readonly RelayRow[] = [];
  for (let batches = 0; batches < BATCHES && inFlight < IN_FLIGHT; batches++) {
    rows = await readPending(relayer, config.batchRows * 2 + memory.held.size);
    if (rows.length === 0) break;
    const batch = await nextBatch(relayer, rows, newest);
    if (batch === null) break;
    const draft = await draftOf(relayer, batch, head, nonces);
    if (draft === null) break;
    const keys = batch.ready.map(({ row }) => row.idempotencyKey);
    if ((await send(relayer, draft, keys)) === null) break;
    for (const key of keys) memory.held.delete(key);
    nonces.add(draft.nonce);
    newest = draft.nonce;
    inFlight += 1;
  }
  if (rows.length === 0) await fillGap(relayer, head, nonces, newest);
  const now = performance.now();
  if (![...memory.held.values()].some(({ until }) => until > now)) {
    note(relayer, 'bond', null);
    note(relayer, 'pause', null);
  }
  return inFlight > 0 || rows.length > 0;
}

/** The transaction that carries a batch; null when it cannot be paid for now. */
async function draftOf(relayer: Relayer, { ready, gas }: Batch, head: Block, nonces: ReadonlySet<bigint>) {
  const fees = await affordableFees(relayer, head);
  if (fees === null) return null;
  // What a block later finds changed may cost a little more.
  const limit = gas + gas / 4n;
  relayer.memory.balance = await balanceOf(relayer);
  const needed = limit * fees.maxFeePerGas;
  if (relayer.memory.balance < needed) {
    lacksFunds(relayer, relayer.memory.balance, needed);
    return null;
  }
  note(relayer, 'funds', null);
  const nonce = await freeNonce(relayer, nonces);
  return { ...fees, nonce, to: relayer.registry, data: batchOf(ready.map(({ data }) => data)), gas: limit };
}

async function affordableFees(relayer: Relayer, head: Block) {
  const { maxFeePerGas, maxPriorityFeePerGas } = await suggestFees(relayer, head);
  const most = relayer.config.maxFeePerGas;
  const { baseFeePerGas = 0n } = head;
  if (baseFeePerGas + maxPriorityFeePerGas > most) {
    const reason = `A block asks ${baseFeePerGas} wei for a unit of gas, above RELAYER_MAX_FEE_GWEI=${most / 1_000_000_000n}. Actions wait.`;
    note(relayer, 'fees', reason);
    return null;
  }
  note(relayer, 'fees', null);
  return { maxFeePerGas: maxFeePerGas < most ? maxFeePerGas : most, maxPriorityFeePerGas };
}

/**
 * The lowest nonce that neither the chain, the node's pool, nor Postgres has used: a gap that a crash or a forgetful node
 * left is filled first.
 */
async function freeNonce(relayer: Relayer, nonces: ReadonlySet<bigint>): Promise<bigint> {
  let nonce = await nonceAt(relayer, 'pending');
  while (nonces.has(nonce)) nonce += 1n;
  return nonce;
}

/** Nothing behind a missing nonce is ever mined: where no action takes it, a transfer of nothing to oneself does. */
async function fillGap(relayer: Relayer, head: Block, nonces: ReadonlySet<bigint>, newest: bigint | null) {
  if (newest === null) return;
  const nonce = await freeNonce(relayer, nonces);
  if (nonce > newest) return;
  const fees = await affordableFees(relayer, head);
  if (fees === null) return;
  relayer.log.warn({ nonce: `${nonce}` }, 'a nonce is missing: filling it');
  await send(relayer, { ...fees, nonce, to: relayer.address, data: '0x', gas: 21_000n }, []);
}
