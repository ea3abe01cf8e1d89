import type { Hex } from '@openledger/protocol';
import { inferenceEscrowAbi, modelRegistryAbi, stakeManagerAbi } from '@openledger/protocol/abi';
import { Contract, Interface, type InterfaceAbi, isError, type Provider } from 'ethers';
import type { Answer, Due } from './answer.ts';
import type { Standing } from './cover.ts';

/** What the escrow says no with. */
export type Refusal = { readonly name: string; readonly args: readonly unknown[] };

/** Answers of one payer that go into a call. */
export type Group = { readonly due: Due; readonly answers: readonly Answer[] };

/** The chain's own word about what was taken, and calls that take. */
export type Escrow = {
  readonly standing: (due: Due) => Promise<Standing>;
  readonly isSettled: (requestId: Hex) => Promise<boolean>;
  readonly encode: (groups: readonly Group[]) => Hex;
  /** Gas that a call would use, or why it would be refused. @throws when no node answers */
  readonly estimate: (data: Hex) => Promise<{ readonly gas: bigint } | { readonly refused: Refusal }>;
};

const nobody = `0x${'0'.repeat(40)}`;
const errors = new Interface(
  [...inferenceEscrowAbi, ...modelRegistryAbi, ...stakeManagerAbi].filter(
    ({ type }) => type === 'error',
  ) as unknown as InterfaceAbi,
);

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
    estimate: async (data) => {
      try {
        return { gas: await provider.estimateGas({ from: worker, to: escrow, data }) };
      } catch (error) {
        if (!isError(error, 'CALL_EXCEPTION')) throw error;
        const parsed = error.data ? errors.parseError(error.data) : null;
        return { refused: { name: parsed?.name ?? 'Unknown', args: [...(parsed?.args ?? [error.data ?? '0x'])] } };
      }
    },
  };
};
