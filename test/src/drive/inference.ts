import { id, parseEther } from 'ethers';
import type { Cast } from './cast.ts';
import type { Deployed } from './models.ts';
import type { Player, Sent, Session } from './session.ts';
import { sign } from './signing.ts';
import type { SmartWallet } from './smart-wallet.ts';
import { approveOpen } from './tokens.ts';

/** A settled answer, with the part of its fee that waits for its contributors. */
export type Answer = { readonly requestId: string; readonly contributorsPart: bigint };

/** Who pays: the account that deposited, and the key that signs its vouchers. */
export type Payer = { readonly address: string; readonly signer: Player };

/** Answers of Wren's, by how they were settled. */
export type Answers = {
  readonly single: readonly Answer[];
  readonly ten: readonly Answer[];
  readonly twoPayers: readonly Answer[];
  readonly twentyFive: readonly Answer[];
};

/** Paul and a smart wallet deposit; Frank settles the answers they paid for by voucher, a few and many at a time. */
export async function payForAnswers(
  session: Session,
  cast: Cast,
  deployed: Deployed,
  wallet: SmartWallet,
): Promise<Answers> {
  const { frank, wren, peggy } = cast;
  const paul = { address: cast.paul.address, signer: cast.paul };
  const contract = { address: wallet.address, signer: wallet.owner };
  const escrow = session.address('InferenceEscrow');
  for (const depositor of [cast.paul, peggy]) await approveOpen(session, depositor, escrow);
  await session.send(cast.paul, 'InferenceEscrow', 'deposit', [parseEther('400')]);
  await session.send(cast.paul, 'InferenceEscrow', 'deposit', [parseEther('100')]);
  await session.send(peggy, 'InferenceEscrow', 'depositFor', [wallet.address, parseEther('50')]);

  const settle = (caller: Player, groups: readonly Group[], when: string) =>
    settleAnswers(session, caller, cast.wren, deployed, groups, when);
  return {
    single: await settle(wren, [{ payer: paul, answers: 1 }], '1 answer'),
    ten: await settle(frank, [{ payer: paul, answers: 10 }], '10 answers'),
    twoPayers: await settle(
      frank,
      [
        { payer: paul, answers: 5 },
        { payer: contract, answers: 5 },
      ],
      '5 answers each of a key and an ERC-1271 wallet',
    ),
    twentyFive: await settle(frank, [{ payer: paul, answers: 25 }], '25 answers'),
  };
}

/** Paul asks for everything back; Frank settles a last answer meanwhile; Paul gets the rest. */
export async function withdrawDeposit(session: Session, cast: Cast, deployed: Deployed): Promise<void> {
  const { paul, frank, wren } = cast;
  const { balance } = (await session.view('InferenceEscrow', 'payers', [paul.address])).toObject();
  const asked = await session.send(paul, 'InferenceEscrow', 'requestWithdrawal', [balance]);
  const group = { payer: { address: paul.address, signer: paul }, answers: 1 };
  await settleAnswers(session, frank, wren, deployed, [group], '1 answer');
  await session.travelTo(asked.event('WithdrawalRequested').availableAt);
  await session.send(paul, 'InferenceEscrow', 'withdraw');
}

/** The model's owner, the operator and the treasury take what they earned. */
export async function withdrawEarnings(session: Session, { erin, frank, alice }: Cast): Promise<void> {
  await session.send(erin, 'InferenceEscrow', 'withdrawEarnings', [erin.address]);
  await session.send(frank, 'InferenceEscrow', 'withdrawEarnings', [frank.address]);
  await session.send(alice, 'InferenceEscrow', 'withdrawEarnings', [session.manifest.treasury]);
}

type Group = { readonly payer: Payer; readonly answers: number };

async function settleAnswers(
  session: Session,
  caller: Player,
  worker: Player,
  deployed: Deployed,
  groups: readonly Group[],
  when: string,
): Promise<readonly Answer[]> {
  const settlements = [];
  for (const { payer, answers } of groups) {
    const settled: bigint = await session.view('InferenceEscrow', 'settledAmount', [payer.address, worker.address]);
    const inferences = Array.from({ length: answers }, (_, index) =>
      inference(deployed, `${payer.address} ${settled} ${index}`, index),
    );
    const total = inferences.reduce((sum, { fee }) => sum + fee, 0n);
    const voucher = {
      payer: payer.address,
      worker: worker.address,
      cumulativeAmount: settled + total + parseEther('1'),
      expiry: (await session.now()) + 30n * 86_400n,
    };
    const signature = await sign(session, payer.signer, 'Voucher', voucher);
    settlements.push({ voucher, signature, inferences });
  }
  const items = groups.reduce((sum, { answers }) => sum + answers, 0);
  const sent = await session.send(caller, 'InferenceEscrow', 'settle', [settlements], { when, items });
  return answersOf(sent);
}

function inference({ modelId, version }: Deployed, seed: string, index: number) {
  return {
    nonce: id(`request ${seed}`),
    modelId,
    version,
    inTokens: 200 + index,
    outTokens: 400 + index,
    // Not round, so that the parts of the fee leave a remainder.
    fee: parseEther('0.3') + BigInt(index) * 10_000_000_000_000_007n,
    outputHash: id(`output ${seed}`),
  };
}

function answersOf({ events }: Sent): readonly Answer[] {
  return events
    .filter(({ name }) => name === 'FeeDistributed')
    .map(({ args }) => ({ requestId: args.requestId, contributorsPart: args.contributors }));
}
