import type { Hex } from '@openledger/protocol';
import { inferenceEscrowAbi } from '@openledger/protocol/abi';
import { Contract, type InterfaceAbi, type Provider } from 'ethers';
import type { Answer, Due } from './answer.ts';
import type { Standing } from './cover.ts';
import { type Estimate, estimateCall } from './estimate.ts';

/** Answers of one payer that go into a call. */
export type Group = { readonly due: Due; readonly answers: readonly Answer[] };

/** The chain's own word about what was taken, and calls that take. */
export type Escrow = {
  readonly standing: (due: Due) => Promise<Standing>;
  readonly isSettled: (requestId: Hex) => Promise<boolean>;
  readonly encode: (groups: readonly Group[]) => Hex;
  /** Gas that a call would use, or why it would be refused. @throws when no node answers */
  readonly estimate: (data: Hex) => Promise<Estimate>;
};

const nobody = `0x${'0'.repeat(40)}`;

export const openEscrow = (provider: Provider, options: { escrow: Hex; worker: Hex }): Escrow => {
  const { escrow, worker } = options;
  const contract = new Contract(escrow, inferenceEscrowAbi as unknown as InterfaceAbi, provider);
  const view = (name: string) => contract.getFunction(name);
  return {
    standing: async ({ payer, cumulativeAmount }) => {
      const [settled, account] = await Promise.all([
        view('settledAmount')(payer, worker) as Promise<bigint>,
        view('payers')(payer) as Promise<{ balance: bigint }>,
      ]);
      return { promised: cumulativeAmount, settled, balance: account.balance };
    },
    isSettled: async (requestId) => ((await view('settled')(requestId)) as { worker: string }).worker !== nobody,
    encode: (groups) => {
      const settlements = groups.map(({ due: { payer, cumulativeAmount, expiry, signature }, answers }) => ({
        voucher: { payer, worker, cumulativeAmount, expiry },
        signature,
        inferences: answers,
      }));
      return contract.interface.encodeFunctionData('settle', [settlements]) as Hex;
    },
    estimate: (data) => estimateCall(provider, { from: worker, to: escrow, data }),
  };
};
