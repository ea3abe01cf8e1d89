import { type ParameterName, parameterId, parameters } from '@openledger/protocol';
import { startingAlgorithm } from '@openledger/protocol/attribution';
import { JsonRpcSigner } from 'ethers';
import { act, type Ground } from './ground.ts';
import { algorithm } from './receipts.ts';

/** Lets the timelock act, without the weeks of a vote before. */
export const asGovernance = async (
  { provider, contract, manifest }: Ground,
  name: Parameters<Ground['contract']>[0],
  method: string,
  ...args: readonly unknown[]
): Promise<void> => {
  const timelock = manifest.contracts.TimelockController;
  await provider.send('anvil_impersonateAccount', [timelock]);
  await provider.send('anvil_setBalance', [timelock, '0xde0b6b3a7640000']);
  const as = contract(name).connect(new JsonRpcSigner(provider, timelock));
  await act(as as ReturnType<Ground['contract']>, method, ...args);
};

/** Allows the algorithm that workers start with. */
export const allowAlgorithm = (ground: Ground): Promise<void> =>
  asGovernance(ground, 'AttributionLedger', 'setAlgorithm', algorithm, true, startingAlgorithm.schema, algorithm);

/** Sets a number of governance's. */
export const tune = (ground: Ground, name: ParameterName, value: bigint): Promise<void> =>
  asGovernance(ground, parameters[name].contract, 'setParameter', parameterId(name), value);

const hour = 3_600;

/** Wei for a unit of gas, which hours of empty blocks bring it back to. */
const quietFee = 1_000_000_000;

/** Lets so many seconds pass on the chain. Nobody else sends anything meanwhile: after an hour gas is cheap again. */
export const pass = async ({ chain, provider }: Ground, seconds: number): Promise<void> => {
  const { timestamp } = (await provider.getBlock('latest'))!;
  await chain.call('evm_setNextBlockTimestamp', [timestamp + seconds]);
  if (seconds >= hour) await chain.call('anvil_setNextBlockBaseFeePerGas', [`0x${quietFee.toString(16)}`]);
  await chain.mine(1);
};
