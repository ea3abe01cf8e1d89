import { parseEther } from 'ethers';
import type { Call, Hex, Value } from '../call.ts';
import { call, find, maybeFlaw, type Plan, sign, type World } from '../world.ts';

/** A fee in wei: often odd or tiny, where rounding shows. */
function fee(w: World, most: bigint): bigint {
  const kind = w.random.below(10);
  const wanted = kind === 0 ? 0n : kind < 4 ? w.random.amount(1n, 9_999n) : w.random.amount(1n, parseEther('5'));
  return wanted < most ? wanted : most;
}

function inference(w: World, most: bigint): readonly [Value[], bigint] {
  const { random, shadow } = w;
  const model = find(w, shadow.models, ({ versions }) => versions > 0n);
  const [modelId, version] = model ? [model[0], BigInt(random.between(1, Number(model[1].versions)))] : [1n, 1n];
  const amount = fee(w, most);
  // The same nonce again, now and then: the request is settled already.
  const nonce = random.chance(0.05) ? (`0x${'7'.repeat(64)}` as Hex) : random.bytes32();
  return [[nonce, modelId, random.chance(0.98) ? version : 77n, 12n, 34n, amount, random.bytes32()], amount];
}

/** One payer's group of answers with its voucher, or undefined while nobody has deposited. */
function settlement(w: World, worker: Hex, flawed: boolean): Value[] | undefined {
  const { random, shadow } = w;
  const unwilling = random.chance(0.05);
  const payer = find(w, shadow.payers, ({ balance }, account) => {
    const mode = w.stage.setting.wallets.get(account)?.mode;
    const answers = mode !== 'never' && mode !== 'reverting';
    return balance > 0n && w.stage.cast.payers.includes(account) && (answers || unwilling);
  });
  if (!payer) return undefined;
  const [account, { balance }] = payer;
  let total = 0n;
  const inferences = Array.from({ length: random.between(1, 3) }, () => {
    const [entry, amount] = inference(w, balance / 8n);
    total += amount;
    return entry;
  });
  const settled = shadow.settledAmounts.get(`${account} ${worker}`) ?? 0n;
  const short = random.chance(0.06) && total > 0n;
  const cumulative = short ? settled + total - 1n : settled + total + random.amount(0n, parseEther('2'));
  const expiry = random.chance(0.05) ? shadow.now - 1n : shadow.now + BigInt(random.between(0, 900));
  const voucher = [account, worker, cumulative, expiry];
  const signature = sign(w, account, 'Voucher', voucher, flawed ? maybeFlaw(random, 1) : undefined);
  return [voucher, signature, inferences];
}

export const paymentPlans: readonly Plan[] = [
  {
    name: 'deposit',
    weight: 10,
    make(w) {
      const [from, payer] = [w.random.pick(w.stage.cast.payers), w.random.pick(w.stage.cast.payers)];
      const amount = w.random.amount(1n, parseEther('200'));
      if (w.random.chance(0.2)) return call('InferenceEscrow', 'depositFor', from, [payer, amount]);
      return call('InferenceEscrow', 'deposit', from, [amount]);
    },
  },
  {
    name: 'settle',
    weight: 45,
    make(w): Call | undefined {
      const { random } = w;
      const target = find(w, w.shadow.operators, () => true);
      if (!target) return undefined;
      const [worker, operator] = target;
      const flawed = random.chance(0.12);
      const first = settlement(w, worker, flawed);
      if (!first) return undefined;
      const second = random.chance(0.2) ? settlement(w, worker, false) : undefined;
      const from = random.chance(0.95) ? random.pick([worker, operator]) : random.pick(w.stage.cast.everyone);
      return call('InferenceEscrow', 'settle', from, [second ? [first, second] : [first]], flawed);
    },
  },
  {
    name: 'ask for a deposit back',
    weight: 6,
    make(w) {
      const payer = find(w, w.shadow.payers, ({ balance }) => balance > 0n);
      if (!payer) return undefined;
      const [account, { balance }] = payer;
      const amount = w.random.chance(0.1) ? balance + 1n : w.random.amount(1n, balance);
      return call('InferenceEscrow', 'requestWithdrawal', account, [amount]);
    },
  },
  {
    name: 'withdraw a deposit',
    weight: 9,
    make(w) {
      const due = find(
        w,
        w.shadow.payers,
        (p) =>
          p.requested > 0n && ((p.availableAt <= w.shadow.now && w.shadow.now <= p.expiresAt) || w.random.chance(0.2)),
      );
      return call('InferenceEscrow', 'withdraw', due?.[0] ?? w.random.pick(w.stage.cast.payers), []);
    },
  },
  {
    name: 'withdraw earnings',
    weight: 5,
    make(w) {
      const account = find(w, w.shadow.credits, (amount) => amount > 0n)?.[0] ?? w.random.pick(w.stage.cast.everyone);
      return call('InferenceEscrow', 'withdrawEarnings', w.random.pick(w.stage.cast.everyone), [account]);
    },
  },
];
