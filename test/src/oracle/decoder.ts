import { type ContractName, contractAbis, publishedAbis } from '@openledger/protocol/abi';
import type { Manifest } from '@openledger/protocol/deploy';
import { AbiCoder, type EventFragment, getBytes, Interface, type InterfaceAbi, type ParamType } from 'ethers';
import { type Argument, ChainEvent, type Emitter, type Place } from './event.ts';

/** A log as JSON-RPC gives it. */
export type RawLog = { readonly address: string; readonly topics: readonly string[]; readonly data: string };

/** Decodes one log; undefined for an address or a topic that is of none of its contracts. */
export type Decoder = (log: RawLog, place: Place) => ChainEvent | undefined;

const abis = { ...contractAbis, ...publishedAbis };
const coder = AbiCoder.defaultAbiCoder();
// A contract takes any bytes for text. What is no UTF-8 reads as U+FFFD; a byte order mark is a character like others.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The contract at each address of a deployment; a vesting wallet with a cliff after its start is the one with a cliff. */
export function contractsOf({ contracts, vesting }: Manifest): ReadonlyMap<string, ContractName> {
  return new Map<string, ContractName>([
    ...Object.entries(contracts).map(([name, address]) => [address.toLowerCase(), name as ContractName] as const),
    ...vesting.map(
      ({ address, start, cliff }) => [address.toLowerCase(), cliff > start ? 'CliffVesting' : 'LinearVesting'] as const,
    ),
  ]);
}

/** A decoder for the contracts at some addresses, over the committed ABIs. */
export function createDecoder(contracts: ReadonlyMap<string, Emitter>): Decoder {
  const fragments = new Map<Emitter, Map<string, EventFragment>>();
  for (const contract of contracts.values()) {
    const known = new Map<string, EventFragment>();
    new Interface(abis[contract] as unknown as InterfaceAbi).forEachEvent((event) => {
      known.set(event.topicHash, event);
    });
    fragments.set(contract, known);
  }
  return (log, place) => {
    const contract = contracts.get(log.address.toLowerCase());
    const fragment = contract && fragments.get(contract)?.get(log.topics[0] ?? '');
    if (contract === undefined || fragment === undefined) return undefined;
    const addresses: string[] = [];
    const args = Object.fromEntries(
      valuesOf(fragment, log).map(([input, value]) => [input.name, plain(input, value, addresses)]),
    );
    return new ChainEvent(contract, fragment.name, args, addresses, place);
  };
}

/** Text is read as bytes, which are encoded alike, because ethers refuses text that is no UTF-8. */
function valuesOf(fragment: EventFragment, log: RawLog): readonly (readonly [ParamType, unknown])[] {
  const type = (input: ParamType) => input.type.replace('string', 'bytes');
  const inData = coder.decode(fragment.inputs.filter((input) => !input.indexed).map(type), log.data);
  let topic = 1;
  let word = 0;
  return fragment.inputs.map((input) => [
    input,
    input.indexed ? coder.decode([type(input)], log.topics[topic++]!)[0] : inData[word++],
  ]);
}

function plain(input: ParamType, value: unknown, addresses: string[]): Argument {
  if (input.isArray())
    return [...(value as Iterable<unknown>)].map((item) => plain(input.arrayChildren, item, addresses));
  if (input.type === 'string') return utf8.decode(getBytes(value as string)).replaceAll('\0', '');
  if (input.type === 'address') {
    const address = (value as string).toLowerCase();
    addresses.push(address);
    return address;
  }
  return value as bigint | boolean | string;
}
