import type { ContractName, contractAbis } from '@openledger/protocol/abi';
import type { Manifest } from '@openledger/protocol/deploy';
import { JsonRpcProvider, type Result, type TransactionReceipt, Wallet } from 'ethers';
import { describeCall, interfaces, readError } from './coders.ts';
import { type GasBook, recordGas } from './gas-book.ts';

export type Player = { readonly name: string; readonly address: string; readonly wallet: Wallet };

/** A function of a contract's ABI, by name; overloads by their signature, e.g. `queue(uint256)`. */
export type FunctionName<Name extends ContractName> =
  | Extract<
      (typeof contractAbis)[Name][number],
      { type: 'function'; stateMutability: 'nonpayable' | 'payable' }
    >['name']
  | `${string}(${string})`;

export type SendOptions = {
  /** Where the contract stands, when the manifest does not say it (vesting wallets). */
  at?: string;
  /** What sets this use of the call apart, e.g. `10 answers`; a row of its own in the gas table. */
  when?: string;
  /** How many answers, attributions, … the call carries: gives a cost for each. */
  items?: number;
};

/** A mined transaction with the protocol's events in it, in log order. */
export type Sent = {
  readonly receipt: TransactionReceipt;
  readonly events: readonly EmittedEvent[];
  /** Arguments of the first event of that name. @throws Error naming it when the transaction emitted none. */
  event(name: string): Result;
};

export type EmittedEvent = { readonly contract: ContractName; readonly name: string; readonly args: Result };

/** Wrong accounts, or a transaction that the chain refused. The message names the call and the contract's reason. */
export class DriveError extends Error {
  override readonly name = 'DriveError';
}

const gasLimit = 12_000_000n;
const maxFeePerGas = 50_000_000_000n;

/**
 * One run of the driver against a local chain: sends signed transactions one after another, reads their events, keeps
 * their gas, and moves the chain's clock. While it is open each transaction is mined at once, one second after the block
 * before it, so that the same run on a fresh chain makes the same blocks; `close` brings interval mining back.
 */
export class Session {
  readonly provider: JsonRpcProvider;
  readonly manifest: Manifest;
  readonly gas: GasBook = new Map();
  /** Transactions sent so far. */
  transactions = 0;
  readonly #names = new Map<string, ContractName>();
  readonly #nonces = new Map<string, number>();
  #interval: number | null = null;

  constructor(rpcUrl: string, manifest: Manifest) {
    // No cache: an answer kept for a moment is older than the transactions sent in it.
    this.provider = new JsonRpcProvider(rpcUrl, Number(manifest.chainId), {
      staticNetwork: true,
      batchMaxCount: 1,
      cacheTimeout: -1,
    });
    this.manifest = manifest;
    for (const [name, address] of Object.entries(manifest.contracts)) this.#names.set(address, name as ContractName);
    for (const wallet of manifest.vesting) this.#names.set(wallet.address, vestingContract(wallet));
  }

  /** Takes over mining and the clock. */
  async open(): Promise<void> {
    this.#interval = await this.provider.send('anvil_getIntervalMining', []);
    await this.provider.send('evm_setAutomine', [true]);
    await this.provider.send('anvil_setBlockTimestampInterval', [1]);
  }

  /** Gives mining back as it was found. */
  async close(): Promise<void> {
    // The last block's time becomes the clock's offset, so that interval mining goes on from there.
    await this.travel(1n);
    await this.provider.send('anvil_removeBlockTimestampInterval', []);
    if (this.#interval !== null) {
      await this.provider.send('evm_setAutomine', [false]);
      await this.provider.send('evm_setIntervalMining', [this.#interval]);
    }
    this.provider.destroy();
  }

  address(name: keyof Manifest['contracts']): string {
    return this.manifest.contracts[name];
  }

  /** Sends one call of a protocol contract from a player and waits for its receipt. @throws DriveError when it reverts. */
  async send<Name extends ContractName>(
    from: Player,
    contract: Name,
    method: FunctionName<Name>,
    args: readonly unknown[] = [],
    { at, when = '', items }: SendOptions = {},
  ): Promise<Sent> {
    const to = at ?? this.#addressOf(contract);
    const sent = await this.transact(from, { to, data: interfaces[contract].encodeFunctionData(method, args) });
    const signature = interfaces[contract].getFunction(method)!.format('sighash');
    recordGas(this.gas, { contract, signature, when, items }, sent.receipt.gasUsed);
    return sent;
  }

  /** Sends any transaction from a player and waits for its receipt. @throws DriveError when it reverts. */
  async transact(from: Player, request: { to?: string; data?: string; value?: bigint }): Promise<Sent> {
    const nonce = this.#nonces.get(from.address) ?? (await this.provider.getTransactionCount(from.address));
    const signed = await from.wallet.signTransaction({
      type: 2,
      chainId: this.manifest.chainId,
      nonce,
      gasLimit,
      maxFeePerGas,
      maxPriorityFeePerGas: 0n,
      ...request,
    });
    const hash: string = await this.provider.send('eth_sendRawTransaction', [signed]);
    this.#nonces.set(from.address, nonce + 1);
    this.transactions += 1;
    const receipt = await this.#receipt(hash);
    if (receipt.status !== 1) throw new DriveError(await this.#whyReverted(from, request, receipt));
    return this.#read(receipt);
  }

  /** The calldata of a call, for a proposal or a smart wallet. */
  encode<Name extends ContractName>(contract: Name, method: FunctionName<Name>, args: readonly unknown[]): string {
    return interfaces[contract].encodeFunctionData(method, args);
  }

  /** Calls a view function; a single result comes unwrapped. */
  async view(contract: ContractName, method: string, args: readonly unknown[] = [], at?: string) {
    const data = interfaces[contract].encodeFunctionData(method, args);
    const returned = await this.provider.call({ to: at ?? this.#addressOf(contract), data });
    const result = interfaces[contract].decodeFunctionResult(method, returned);
    return result.length === 1 ? result[0] : result;
  }

  /** Time of the latest block, Unix seconds. */
  async now(): Promise<bigint> {
    return BigInt((await this.provider.getBlock('latest'))!.timestamp);
  }

  /** Lets `seconds` pass: the next block is that much later than the latest. */
  async travel(seconds: bigint): Promise<void> {
    await this.travelTo((await this.now()) + seconds);
  }

  /** Lets time pass until `timestamp`, Unix seconds; nothing happens when that is past. */
  async travelTo(timestamp: bigint): Promise<void> {
    if (timestamp <= (await this.now())) return;
    await this.provider.send('evm_setNextBlockTimestamp', [Number(timestamp)]);
    await this.provider.send('evm_mine', []);
  }

  /** Every event of one kind so far, from the deployment's first block. */
  async history(contract: keyof Manifest['contracts'], event: string): Promise<readonly EmittedEvent[]> {
    const logs = await this.provider.getLogs({
      address: this.address(contract),
      topics: [interfaces[contract].getEvent(event)!.topicHash],
      fromBlock: Number(this.manifest.startBlock),
      toBlock: 'latest',
    });
    return logs.map((log) => ({ contract, name: event, args: interfaces[contract].parseLog(log)!.args }));
  }

  #addressOf(contract: ContractName): string {
    const address = (this.manifest.contracts as Partial<Record<ContractName, string>>)[contract];
    if (address === undefined) throw new DriveError(`${contract} has no single address: say which with "at".`);
    return address;
  }

  async #receipt(hash: string): Promise<TransactionReceipt> {
    for (;;) {
      const receipt = await this.provider.getTransactionReceipt(hash);
      if (receipt !== null) return receipt;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  #read(receipt: TransactionReceipt): Sent {
    const events = receipt.logs.flatMap((log) => {
      const contract = this.#names.get(log.address.toLowerCase());
      const parsed = contract && interfaces[contract].parseLog(log);
      return contract && parsed ? [{ contract, name: parsed.name, args: parsed.args }] : [];
    });
    return {
      receipt,
      events,
      event(name) {
        const found = events.find((event) => event.name === name);
        if (found === undefined) throw new DriveError(`Transaction ${receipt.hash} emitted no ${name}.`);
        return found.args;
      },
    };
  }

  async #whyReverted(
    from: Player,
    request: { to?: string; data?: string; value?: bigint },
    receipt: TransactionReceipt,
  ): Promise<string> {
    const contract = this.#names.get((request.to ?? '').toLowerCase());
    const what = (contract && describeCall(contract, request.data ?? '0x')) ?? `a transaction to ${request.to}`;
    const reason = await this.provider
      .call({ ...request, from: from.address, blockTag: receipt.blockNumber - 1 })
      .then(() => `it would have passed a block earlier (gas used: ${receipt.gasUsed})`)
      .catch((error: { data?: string; message: string }) => readError(error.data) ?? error.message);
    return `${from.name} sent ${what}, and it was refused: ${reason}`;
  }
}

/** The vesting contract behind a wallet of the manifest: one with a cliff holds everything back until it. */
export function vestingContract(wallet: Manifest['vesting'][number]): 'LinearVesting' | 'CliffVesting' {
  return wallet.cliff > wallet.start ? 'CliffVesting' : 'LinearVesting';
}

/** A player whose key follows from its name; the same on every chain, so for local chains only. */
export function player(name: string, privateKey: string): Player {
  const wallet = new Wallet(privateKey);
  return { name, address: wallet.address.toLowerCase(), wallet };
}
