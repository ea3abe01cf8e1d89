import { type Hex, parameterId } from '@openledger/protocol';
import { rewardDistributorAbi } from '@openledger/protocol/abi';
import { Contract, type InterfaceAbi, type Provider } from 'ethers';
import { type Estimate, estimateCall } from '../estimate.ts';

/** How epochs and roots stand on chain. Times in Unix seconds, amounts in wei of OPEN. */
export type Standing = {
  /** Of the newest block. */
  readonly now: bigint;
  readonly block: bigint;
  readonly lastEnd: bigint;
  /** Least seconds between two closings. */
  readonly epochLength: bigint;
  /** The newest closed epoch, 0 before the first. */
  readonly epochId: bigint;
  /** What had become payable since the beginning: at that epoch's end, at the accepted one's, and now. */
  readonly total: bigint;
  readonly acceptedTotal: bigint;
  readonly funded: bigint;
  /** The newest epoch with an accepted root, 0 before the first. */
  readonly acceptedId: bigint;
  /** A root that waits in the timelock. */
  readonly pending: { readonly epochId: bigint; readonly root: Hex; readonly validAt: bigint } | undefined;
};

export type Distributor = {
  readonly standing: () => Promise<Standing>;
  /** What had become payable by the end of an epoch, since the beginning. Wei of OPEN. */
  readonly totalOf: (epochId: bigint) => Promise<bigint>;
  readonly encodeClose: () => Hex;
  readonly encodePropose: (epochId: bigint, root: Hex, hash: Hex, uri: string) => Hex;
  readonly encodeAccept: (epochId: bigint) => Hex;
  /** @throws when no node answers */
  readonly estimate: (data: Hex) => Promise<Estimate>;
};

export const openDistributor = (
  provider: Provider,
  { distributor, account }: { distributor: Hex; account: Hex },
): Distributor => {
  const contract = new Contract(distributor, rewardDistributorAbi as unknown as InterfaceAbi, provider);
  const view = (name: string, ...args: readonly unknown[]) => contract.getFunction(name)(...args);
  const encode = (name: string, args: readonly unknown[]) => contract.interface.encodeFunctionData(name, args) as Hex;
  const totalOf = async (epochId: bigint): Promise<bigint> => (await view('epochs', epochId)).cumulativeTotal;
  return {
    standing: async () => {
      const block = await provider.getBlock('latest');
      if (block === null) throw new Error('The node has no newest block.');
      const [lastEnd, epochLength, epochId, funded, acceptedId, pendingId]: readonly bigint[] = await Promise.all([
        view('lastEnd'),
        view('parameter', parameterId('EPOCH_LENGTH')),
        view('epochCount'),
        view('funded'),
        view('acceptedEpoch'),
        view('pendingEpoch'),
      ]);
      const [total, acceptedTotal] = await Promise.all([totalOf(epochId!), totalOf(acceptedId!)]);
      const { root, validAt } = pendingId === 0n ? { root: '0x', validAt: 0n } : await view('proposals', pendingId);
      return {
        ...{ now: BigInt(block.timestamp), block: BigInt(block.number), total, acceptedTotal },
        ...{
          lastEnd: lastEnd!,
          epochLength: epochLength!,
          epochId: epochId!,
          funded: funded!,
          acceptedId: acceptedId!,
        },
        pending: pendingId === 0n ? undefined : { epochId: pendingId!, root, validAt },
      };
    },
    totalOf,
    encodeClose: () => encode('closeEpoch', []),
    encodePropose: (epochId, root, hash, uri) => encode('proposeRoot', [epochId, root, hash, uri]),
    encodeAccept: (epochId) => encode('acceptRoot', [epochId]),
    estimate: (data) => estimateCall(provider, { from: account, to: distributor, data }),
  };
};
