import type { ContractName, PublishedContract } from '@openledger/protocol/abi';

/** A contract whose events are read: the protocol's, or one that OpenLedger has published. */
export type Emitter = ContractName | PublishedContract;

/** An event's argument as decoded: integers as bigint, addresses and bytes as lower-case hex, text without NUL. */
export type Argument = bigint | boolean | string | readonly Argument[];

/** Where an event stands on the chain, and who sent its transaction. */
export type Place = {
  readonly chainId: bigint;
  readonly block: bigint;
  /** Unix seconds. */
  readonly timestamp: bigint;
  readonly txHash: string;
  readonly txIndex: number;
  readonly logIndex: number;
  /** Who emitted it. */
  readonly address: string;
  readonly sender: string;
};

/** One log, decoded. The accessors throw when the argument is absent or of another type. */
export class ChainEvent {
  readonly contract: Emitter;
  readonly name: string;
  readonly args: Readonly<Record<string, Argument>>;
  /** Every address among the arguments, in their order. */
  readonly addresses: readonly string[];
  readonly place: Place;

  constructor(
    contract: Emitter,
    name: string,
    args: Readonly<Record<string, Argument>>,
    addresses: readonly string[],
    place: Place,
  ) {
    this.contract = contract;
    this.name = name;
    this.args = args;
    this.addresses = addresses;
    this.place = place;
  }

  /** 75 digits: seconds (10), chain (16), block (16), transaction (16), 5 for a log (1), log (16). */
  get id(): string {
    const { timestamp, chainId, block, txIndex, logIndex } = this.place;
    const wide = (value: bigint | number) => String(value).padStart(16, '0');
    return `${String(timestamp).padStart(10, '0')}${wide(chainId)}${wide(block)}${wide(txIndex)}5${wide(logIndex)}`;
  }

  get block(): bigint {
    return this.place.block;
  }

  get timestamp(): bigint {
    return this.place.timestamp;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.args, name);
  }

  big(name: string): bigint {
    const value = this.args[name];
    return typeof value === 'bigint' ? value : this.#absent(name, 'integer');
  }

  /** An integer of at most 32 bits. */
  int(name: string): number {
    return Number(this.big(name));
  }

  /** Text, an address or bytes. */
  text(name: string): string {
    const value = this.args[name];
    return typeof value === 'string' ? value : this.#absent(name, 'text');
  }

  flag(name: string): boolean {
    const value = this.args[name];
    return typeof value === 'boolean' ? value : this.#absent(name, 'flag');
  }

  list<Item extends Argument>(name: string): readonly Item[] {
    const value = this.args[name];
    return Array.isArray(value) ? (value as readonly Item[]) : this.#absent(name, 'list');
  }

  toString(): string {
    return `${this.contract}.${this.name} (block ${this.place.block}, log ${this.place.logIndex})`;
  }

  #absent(name: string, type: string): never {
    throw new Error(`${this} has no ${type} ${name}.`);
  }
}
