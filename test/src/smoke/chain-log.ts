import { type ContractName, contractAbis } from '@openledger/protocol/abi';
import type { Manifest } from '@openledger/protocol/deploy';
import { Interface, type InterfaceAbi, type Provider, type Result } from 'ethers';
import { vestingContract } from '../drive/index.ts';

/** One event on chain, decoded. */
export type ChainEvent = {
  readonly contract: ContractName;
  readonly address: string;
  readonly name: string;
  readonly args: Result;
  readonly block: bigint;
  readonly transaction: string;
  readonly logIndex: number;
  /** Who sent the transaction. */
  readonly sender: string;
};

/** Everything the protocol's contracts have said on a chain, in order. */
export class ChainLog {
  readonly events: readonly ChainEvent[];
  /** Logs of the protocol's contracts that their ABIs do not know. */
  readonly unknown: readonly string[];

  constructor(events: readonly ChainEvent[], unknown: readonly string[]) {
    this.events = events;
    this.unknown = unknown;
  }

  /** Events of one name, of one contract or of all. */
  of(name: string, contract?: ContractName): readonly ChainEvent[] {
    return this.events.filter(
      (event) => event.name === name && (contract === undefined || event.contract === contract),
    );
  }

  /** How many different values the arguments take together; the emitting contract is part of them. */
  distinct(events: readonly ChainEvent[], ...names: readonly string[]): number {
    return new Set(events.map(({ address, args }) => [address, ...names.map((name) => args[name])].join(' '))).size;
  }

  /** The last event for each value of an argument. */
  latest(events: readonly ChainEvent[], ...names: readonly string[]): readonly ChainEvent[] {
    return [...new Map(events.map((event) => [names.map((name) => event.args[name]).join(' '), event])).values()];
  }
}

/** Reads every log of the deployment from the chain's node. */
export async function readChainLog(provider: Provider, manifest: Manifest): Promise<ChainLog> {
  const contracts = new Map<string, ContractName>([
    ...Object.entries(manifest.contracts).map(([name, address]) => [address, name as ContractName] as const),
    ...manifest.vesting.map((wallet) => [wallet.address, vestingContract(wallet)] as const),
  ]);
  const coders = new Map(
    [...new Set(contracts.values())].map((name) => [
      name,
      new Interface(contractAbis[name] as unknown as InterfaceAbi),
    ]),
  );
  const logs = await provider.getLogs({
    address: [...contracts.keys()],
    fromBlock: Number(manifest.startBlock),
    toBlock: 'latest',
  });
  const senders = await sendersOf(provider, new Set(logs.map((log) => log.transactionHash)));
  const events: ChainEvent[] = [];
  const unknown: string[] = [];
  for (const log of logs) {
    const address = log.address.toLowerCase();
    const contract = contracts.get(address)!;
    const parsed = coders.get(contract)!.parseLog(log);
    if (parsed === null) {
      unknown.push(`${contract} emitted ${log.topics[0]} in ${log.transactionHash}, which its ABI does not know`);
      continue;
    }
    events.push({
      contract,
      address,
      name: parsed.name,
      args: parsed.args,
      block: BigInt(log.blockNumber),
      transaction: log.transactionHash,
      logIndex: log.index,
      sender: senders.get(log.transactionHash)!,
    });
  }
  return new ChainLog(events, unknown);
}

async function sendersOf(provider: Provider, hashes: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
  const senders = new Map<string, string>();
  const waiting = [...hashes];
  const worker = async () => {
    for (let hash = waiting.pop(); hash !== undefined; hash = waiting.pop()) {
      senders.set(hash, (await provider.getTransaction(hash))!.from.toLowerCase());
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  return senders;
}
