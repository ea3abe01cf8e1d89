import { stakeRoles } from '@openledger/protocol';
import type { ContractName } from '@openledger/protocol/abi';
import { type DevelopmentAccount, developmentAccounts, type LocalChain } from '@openledger/protocol/chain';
import type { Manifest } from '@openledger/protocol/deploy';
import { id, MaxUint256, parseEther } from 'ethers';
import { interfaces } from '../drive/coders.ts';
import { driveProtocol, type FreshProtocol, startFreshProtocol } from '../drive/index.ts';

/** A chain with the protocol on it, with accounts that can do everything in it, and that can be had again as it was. */
export type World = {
  readonly chain: LocalChain;
  readonly manifest: Manifest;
  /** Anyone may do anything; each also has a part of its own in the entities below. */
  readonly actors: Readonly<Record<(typeof parts)[number], DevelopmentAccount>>;
  /** Public, of one review; owned by `owner`, reviewed by `validator` and `reviewer`. */
  readonly datanetId: bigint;
  /** Of `builder`; active, and deployed on the worker `operator`. */
  readonly modelId: bigint;
  /** The account that governs, a contract without a key; here its word is enough. */
  readonly timelock: string;
  /** Proposes reward roots. */
  readonly proposer: string;
  /** Stops contracts, and takes roots back. */
  readonly guardian: string;
  send(from: string, contract: keyof Manifest['contracts'], method: string, ...args: readonly unknown[]): Promise<void>;
  view<result>(contract: keyof Manifest['contracts'], method: string, ...args: readonly unknown[]): Promise<result>;
  /** Sends any call and mines it, in a block of its own. One that the contract refuses changes nothing. */
  submit(from: string, to: string, data: string): Promise<void>;
  /** Makes exactly so many blocks of what `work` sends: one transaction each, what is left over in the last. */
  within(blocks: number, work: () => Promise<void>): Promise<void>;
  /** Marks the head. @returns what takes the chain back to it, whatever happened since; once. */
  mark(): Promise<() => Promise<void>>;
  /** Goes back to the chain as it was founded. */
  restore(): Promise<void>;
  stop(): Promise<void>;
};

const parts = ['owner', 'validator', 'reviewer', 'builder', 'operator', 'payer', 'contributor', 'second'] as const;

export const algorithmId = id('faults/1');
const gas = '0xb71b00';

/**
 * Starts a chain, has the whole protocol happen on it once where `lived` says so, and founds what its accounts need.
 * @param options.genesisTimestamp Unix seconds, for another chain than the usual one.
 */
export async function foundWorld({ lived, ...options }: { lived: boolean; genesisTimestamp?: bigint }): Promise<World> {
  const fresh = await startFreshProtocol(options);
  try {
    if (lived) await driveProtocol(fresh);
    return await found(fresh);
  } catch (error) {
    await fresh.stop();
    throw error;
  }
}

async function found({ chain, manifest, accounts, stop }: FreshProtocol): Promise<World> {
  const actors = Object.fromEntries(
    developmentAccounts(10 + parts.length)
      .slice(10)
      .map((account, i) => [parts[i]!, account]),
  ) as World['actors'];
  // Mined by hand: automine sometimes puts two transactions in one block, sometimes not.
  await chain.setAutomine(false);
  let room = Number.POSITIVE_INFINITY;
  const mine = async () => {
    await chain.mine();
    room--;
  };
  const submit = async (from: string, to: string, data: string) => {
    await chain.call('eth_sendTransaction', [{ from, to, data, gas }]);
    if (room > 1) await mine();
  };
  const within = async (blocks: number, work: () => Promise<void>) => {
    room = blocks;
    try {
      await work();
      while (room > 0) await mine();
    } finally {
      room = Number.POSITIVE_INFINITY;
    }
  };
  // A snapshot and not anvil_rollback: anvil forgets the state of all but some hundred blocks.
  const mark = async () => {
    const snapshot = await chain.call<string>('evm_snapshot', []);
    return async () => {
      await chain.call('anvil_dropAllTransactions', []);
      await chain.call('evm_revert', [snapshot]);
    };
  };
  const send: World['send'] = (from, contract, method, ...args) =>
    submit(from, manifest.contracts[contract], interfaces[contract as ContractName].encodeFunctionData(method, args));
  const view: World['view'] = async <result>(
    contract: keyof Manifest['contracts'],
    method: string,
    ...args: unknown[]
  ) => {
    const coder = interfaces[contract as ContractName];
    const call = { to: manifest.contracts[contract], data: coder.encodeFunctionData(method, args) };
    const answer = coder.decodeFunctionResult(method, await chain.call<string>('eth_call', [call, 'latest']));
    return (answer.length === 1 ? answer[0] : answer) as result;
  };

  await chain.call('anvil_setBlockTimestampInterval', [1]);
  await chain.call('anvil_autoImpersonateAccount', [true]);
  const timelock = manifest.contracts.TimelockController;
  await chain.call('anvil_setBalance', [timelock, '0xde0b6b3a7640000']);
  const { owner, validator, reviewer, builder, operator, payer } = actors;
  const holder = accounts[5]!.address;
  for (const { address } of Object.values(actors)) {
    await send(holder, 'Open', 'transfer', address, parseEther('10000'));
    for (const spender of ['StakeManager', 'InferenceEscrow', 'GOPEN'] as const) {
      await send(address, 'Open', 'approve', manifest.contracts[spender], MaxUint256);
    }
  }
  await send(timelock, 'AttributionLedger', 'setAlgorithm', algorithmId, true, 'ipfs://faults', id('faults'));
  const rules = [0, parseEther('1'), parseEther('0.5'), 1, 86_400n];
  await send(owner.address, 'DatanetRegistry', 'createDatanet', 'Weather', 'ipfs://weather', id('weather'), ...rules);
  const datanetId = await view<bigint>('DatanetRegistry', 'datanetCount');
  for (const { address } of [validator, reviewer]) {
    await send(owner.address, 'DatanetRegistry', 'setValidator', datanetId, address, true);
  }
  await send(validator.address, 'StakeManager', 'stake', stakeRoles.VALIDATOR, datanetId, parseEther('100'));
  await send(builder.address, 'ModelRegistry', 'registerModel', id('base'), 'Forecaster', 'ipfs://forecaster');
  const modelId = await view<bigint>('ModelRegistry', 'modelCount');
  await send(builder.address, 'ModelRegistry', 'publishVersion', modelId, id('a'), 'ipfs://a', id('m'), 8, []);
  await send(builder.address, 'ModelRegistry', 'setStatus', modelId, 2);
  await send(operator.address, 'ModelRegistry', 'registerWorker', 'https://worker.example');
  await send(operator.address, 'ModelRegistry', 'deployAdapter', modelId, operator.address, 1);
  await send(payer.address, 'InferenceEscrow', 'deposit', parseEther('1000'));

  let back = await mark();
  const restore = async () => {
    await back();
    back = await mark();
  };
  const [guardian, proposer] = [accounts[6]!.address, accounts[7]!.address];
  const found = { chain, manifest, actors, datanetId, modelId, timelock, proposer, guardian };
  return { ...found, send, view, submit, within, mark, restore, stop };
}
