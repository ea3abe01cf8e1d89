import type { Hex } from '@openledger/db/chain';
import { keccak256, parseTransaction } from 'viem/utils';
import { balanceOf, type Delivery, deliver, type Fees } from './chain.ts';
import type { Relayer, Trouble } from './relayer.ts';
import { type Attempt, type Signed, storeAttempt, storeSigned, type Transaction } from './transactions.ts';

/** A call with everything but its nonce's fate decided. */
export type Draft = Fees & { readonly nonce: bigint; readonly to: Hex; readonly data: Hex; readonly gas: bigint };

/**
 * Signs a call, stores it with the rows that it carries, and only then hands it to the chain.
 * @returns null when the rows have moved since they were read: nothing is sent then.
 */
export async function send(relayer: Relayer, draft: Draft, keys: readonly string[]): Promise<Transaction | null> {
  const attempt = await sign(relayer, draft);
  relayer.step('signed');
  const signed: Signed = { ...attempt, nonce: draft.nonce };
  const stored = await storeSigned(relayer, signed, keys);
  if (stored === null) return null;
  relayer.step('stored');
  relayer.log.info({ nonce: `${draft.nonce}`, hash: stored.hash, actions: keys.length }, 'sending');
  await broadcast(relayer, stored.id, stored.raw);
  relayer.step('broadcast');
  return stored;
}

/** Hands a stored transaction to the chain, again or for the first time. */
export async function broadcast(relayer: Relayer, id: string, raw: Hex): Promise<Delivery> {
  const { delivery, said } = await deliver(relayer, raw);
  relayer.memory.sentAt.set(id, performance.now());
  relayer.metrics.broadcasts();
  if (delivery !== 'sent') relayer.log.warn({ hash: keccak256(raw), delivery, said }, 'the node did not take it');
  if (delivery === 'sent') note(relayer, 'funds', null);
  if (delivery === 'no-funds') {
    const balance = await balanceOf(relayer);
    lacksFunds(relayer, balance, costOf(raw));
  }
  return delivery;
}

/** Signs the same call again for a higher fee and sends that; whichever is mined first counts. */
export async function bump(relayer: Relayer, transaction: Transaction, fees: Fees): Promise<Delivery> {
  const { to, data = '0x', gas, nonce } = parseTransaction(transaction.raw);
  relayer.step('bumping');
  const attempt = await sign(relayer, { ...fees, to: to!, data, gas: gas!, nonce: BigInt(nonce ?? 0) });
  await storeAttempt(relayer, transaction.id, attempt);
  relayer.step('bump-stored');
  relayer.metrics.feeBumps();
  relayer.log.info({ nonce: `${nonce}`, hash: attempt.hash, maxFeePerGas: `${fees.maxFeePerGas}` }, 'fee raised');
  const delivery = await broadcast(relayer, transaction.id, attempt.raw);
  relayer.step('bumped');
  return delivery;
}

/** Notes that the relayer cannot pay; rows wait until it can. */
export function lacksFunds(relayer: Relayer, balance: bigint, needed: bigint): void {
  const reason = `The relayer ${relayer.address} has ${balance} wei and needs ${needed} for its next transaction: send it some. Actions wait.`;
  note(relayer, 'funds', reason);
}

/** Notes or takes back what keeps rows waiting. */
export function note({ troubles, log }: Pick<Relayer, 'troubles' | 'log'>, kind: Trouble, reason: string | null): void {
  if (troubles.get(kind) === (reason ?? undefined)) return;
  if (reason === null) {
    troubles.delete(kind);
    log.info({ kind }, 'that is over');
  } else {
    troubles.set(kind, reason);
    log.warn({ kind }, reason);
  }
}

function costOf(raw: Hex): bigint {
  const { gas = 0n, maxFeePerGas = 0n } = parseTransaction(raw);
  return gas * maxFeePerGas;
}

async function sign({ account, chainId }: Relayer, draft: Draft): Promise<Attempt> {
  const { nonce, maxFeePerGas, maxPriorityFeePerGas, ...call } = draft;
  const raw = await account.signTransaction({
    ...call,
    type: 'eip1559',
    chainId: Number(chainId),
    nonce: Number(nonce),
    maxFeePerGas,
    maxPriorityFeePerGas,
  });
  return { hash: keccak256(raw), raw, maxFeePerGas, maxPriorityFeePerGas };
}
