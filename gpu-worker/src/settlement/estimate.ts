import type { Hex } from '@openledger/protocol';
import { contractAbis } from '@openledger/protocol/abi';
import { Interface, type InterfaceAbi, isError, type Provider } from 'ethers';

/** What a contract says no with. */
export type Refusal = { readonly name: string; readonly args: readonly unknown[] };

export type Estimate = { readonly gas: bigint } | { readonly refused: Refusal };

export type Call = { readonly from: Hex; readonly to: Hex; readonly data: Hex };

const errors = new Interface(
  Object.values(contractAbis).flatMap((abi) => abi.filter(({ type }) => type === 'error')) as unknown as InterfaceAbi,
);

/** Gas that a call would use now, or why it would be refused: `Unknown` where the node says no more. @throws when no node answers */
export const estimateCall = async (provider: Provider, call: Call): Promise<Estimate> => {
  try {
    return { gas: await provider.estimateGas(call) };
  } catch (error) {
    if (!isError(error, 'CALL_EXCEPTION')) throw error;
    // A call that takes more gas than a block has is refused without a word.
    const parsed = (error.data?.length ?? 0) >= 10 ? errors.parseError(error.data!) : null;
    return { refused: { name: parsed?.name ?? 'Unknown', args: [...(parsed?.args ?? [error.data ?? '0x'])] } };
  }
};
