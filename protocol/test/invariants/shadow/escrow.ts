import type { Hex, Value } from '../call.ts';
import { requestIdOf } from '../hashes.ts';
import { internalOnly, onlyTimelock } from './governed.ts';
import { hasVersion } from './models.ts';
import type { PayerRecord } from './records.ts';
import { mustBeSigned } from './signatures.ts';
import { hasStakers, shareReward } from './stakes.ts';
import {
  type Handlers,
  increase,
  maxUint256,
  move,
  notPaused,
  parameter,
  patch,
  put,
  refuse,
  type Shadow,
  spend,
  zeroAddress,
} from './state.ts';

type Voucher = [payer: Hex, worker: Hex, cumulativeAmount: bigint, expiry: bigint];
type Inference = [
  nonce: Hex,
  modelId: bigint,
  version: bigint,
  inTokens: bigint,
  outTokens: bigint,
  fee: bigint,
  outputHash: Hex,
];

const bps = 10_000n;

export type Parts = { platform: bigint; model: bigint; worker: bigint; stakers: bigint; contributors: bigint };

/** A fee's five parts: four rounded down, the rest to the contributors; nobody staked leaves that part to the platform. */
export function partsOf(fee: bigint, split: readonly bigint[], staked: boolean): Parts {
  const [platform = 0n, model = 0n, worker = 0n, stakers = 0n] = split.map((share) => (fee * share) / bps);
  const contributors = fee - (platform + model + worker + stakers);
  return staked
    ? { platform, model, worker, stakers, contributors }
    : { platform: platform + stakers, model, worker, stakers: 0n, contributors };
}

function payerOf(s: Shadow, account: Hex): PayerRecord {
  const known = s.payers.get(account);
  if (known) return known;
  const payer = { balance: 0n, requested: 0n, availableAt: 0n, expiresAt: 0n };
  put(s, s.payers, account, payer);
  return payer;
}

export function credit(s: Shadow, account: Hex, amount: bigint): void {
  increase(s, s.credits, account, amount);
  patch(s, s.escrow, { credits: s.escrow.credits + amount });
}

function settleOne(s: Shadow, [payer, worker]: Voucher, operator: Hex, inference: Inference, staked: boolean): bigint {
  const [nonce, modelId, version, , , fee] = inference;
  const requestId = requestIdOf(s.setting.chainId, s.setting.addresses.InferenceEscrow, worker, payer, nonce);
  if (s.requests.has(requestId)) refuse(3, `request ${requestId} is already settled`);
  if (!hasVersion(s, modelId, version)) refuse(0, 'no such model version');
  if (fee > maxUint256 / bps) refuse(2, 'a fee beyond all arithmetic');
  const parts = partsOf(fee, s.feeSplit.bps, staked);
  put(s, s.requests, requestId, { worker, modelId, version, contributorsPart: parts.contributors, batchId: 0n });
  credit(s, s.setting.timelock, parts.platform);
  credit(s, s.models.get(modelId)!.owner, parts.model);
  credit(s, operator, parts.worker);
  patch(s, s.escrow, { held: s.escrow.held + parts.contributors });
  return parts.stakers;
}

function settleGroup(s: Shadow, from: Hex, group: readonly Value[], staked: boolean): bigint {
  const [voucher, signature, inferences] = group as unknown as [Voucher, string, readonly Inference[]];
  const [payer, worker, cumulativeAmount, expiry] = voucher;
  const operator = s.operators.get(worker) ?? refuse(0, `${worker} is no worker`);
  if (from !== worker && from !== operator) refuse(5, `${from} may not settle for ${worker}`);
  if (s.now > expiry) refuse(5, 'the voucher has expired');
  mustBeSigned(s, payer, 'Voucher', voucher, signature);
  let total = 0n;
  let stakers = 0n;
  for (const inference of inferences) {
    total += inference[5];
    stakers += settleOne(s, voucher, operator, inference, staked);
  }
  const key = `${payer} ${worker}`;
  const settled = (s.settledAmounts.get(key) ?? 0n) + total;
  if (settled > cumulativeAmount) refuse(3, `${payer} signed for less in total`);
  put(s, s.settledAmounts, key, settled);
  const account = payerOf(s, payer);
  if (total > account.balance) refuse(2, `${payer} has deposited less`);
  patch(s, account, { balance: account.balance - total });
  patch(s, s.escrow, { deposits: s.escrow.deposits - total });
  return stakers;
}

function deposit(s: Shadow, from: Hex, payer: Hex, amount: bigint): void {
  const escrow = s.setting.addresses.InferenceEscrow;
  notPaused(s, 'InferenceEscrow');
  if (amount === 0n || payer === zeroAddress) refuse(0, 'nothing, or for nobody');
  const account = payerOf(s, payer);
  patch(s, account, { balance: account.balance + amount });
  patch(s, s.escrow, { deposits: s.escrow.deposits + amount });
  spend(s, from, escrow, escrow, amount);
}

export const escrowHandlers: Handlers = {
  deposit(s, from, args) {
    deposit(s, from, from, args[0] as bigint);
  },
  depositFor(s, from, args) {
    const [payer, amount] = args as [Hex, bigint];
    deposit(s, from, payer, amount);
  },
  requestWithdrawal(s, from, args) {
    const [amount] = args as [bigint];
    const payer = payerOf(s, from);
    if (amount === 0n || amount > payer.balance) refuse(2, `${from} has deposited less`);
    const delay = parameter(s, 'InferenceEscrow', 'WITHDRAWAL_DELAY');
    patch(s, payer, { requested: amount, availableAt: s.now + delay, expiresAt: s.now + delay + delay });
  },
  withdraw(s, from) {
    const payer = payerOf(s, from);
    if (payer.requested === 0n) refuse(2, 'nothing was asked for');
    if (s.now < payer.availableAt) refuse(2, `not available before ${payer.availableAt}`);
    if (s.now > payer.expiresAt) refuse(2, `not available after ${payer.expiresAt}`);
    const amount = payer.requested < payer.balance ? payer.requested : payer.balance;
    patch(s, payer, { requested: 0n, balance: payer.balance - amount });
    patch(s, s.escrow, { deposits: s.escrow.deposits - amount });
    move(s, s.setting.addresses.InferenceEscrow, from, amount);
  },
  settle(s, from, args) {
    const { InferenceEscrow, StakeManager } = s.setting.addresses;
    const groups = args[0] as readonly (readonly Value[])[];
    notPaused(s, 'InferenceEscrow');
    if (groups.length === 0) refuse(0, 'nothing to settle');
    const staked = hasStakers(s);
    let stakers = 0n;
    for (const group of groups) stakers += settleGroup(s, from, group, staked);
    if (stakers === 0n) return;
    shareReward(s, stakers);
    move(s, InferenceEscrow, StakeManager, stakers);
  },
  withdrawEarnings(s, _, args) {
    const [account] = args as [Hex];
    const amount = s.credits.get(account) ?? 0n;
    if (amount === 0n) refuse(2, `${account} earned nothing`);
    credit(s, account, -amount);
    move(s, s.setting.addresses.InferenceEscrow, account, amount);
  },
  setFeeSplit(s, from, args) {
    onlyTimelock(s, from);
    const split = args[0] as readonly bigint[];
    if (split.reduce((sum, share) => sum + share, 0n) !== bps) refuse(1, 'the parts do not sum to 10,000');
    patch(s, s.feeSplit, { bps: split });
  },
  releaseContributors: internalOnly(4),
};
