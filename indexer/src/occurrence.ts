import { type Context, type Event, type EventNames, ponder } from 'ponder:registry';
import type { PublishedContract } from '@openledger/protocol/abi';
import type { Hex } from 'viem';
import type { Recorded } from './activity.ts';
import { eventInputs } from './contracts.ts';
import { withHotRows } from './hot-rows.ts';

/** `Contract:Event` of every event that is indexed. */
type AnyName = Exclude<EventNames, `${string}:setup`>;
/** Of OpenLedger's published contracts, on chains of their own. */
export type PublishedName = Extract<AnyName, `${PublishedContract}:${string}`>;
/** Of the protocol's contracts. */
export type LogName = Exclude<AnyName, PublishedName>;

/** One event as the handlers see it: addresses in lower case, text without NUL characters, which Postgres cannot hold. */
export type Occurrence<name extends AnyName = LogName> = {
  name: name;
  contractName: string;
  event: string;
  /** 75 digits that sort as the chain does. */
  id: string;
  chainId: bigint;
  block: bigint;
  /** Unix seconds. */
  timestamp: bigint;
  txHash: Hex;
  logIndex: number;
  /** Who emitted it. */
  contract: Hex;
  /** Who sent the transaction. */
  sender: Hex;
  args: Event<name>['args'];
  db: Context['db'];
};

/** Where an event stands on its chain, whichever it is. */
export type Place = Omit<Occurrence, 'name' | 'args'>;

/** What `ponder.on` hands over, for whichever event; its own type cannot be read while the name is still open. */
type Given = {
  event: {
    id: string;
    /** Absent where the event has none. */
    args?: Record<string, unknown>;
    log: { address: Hex; logIndex: number };
    block: { number: bigint; timestamp: bigint };
    transaction: { hash: Hex; from: Hex };
  };
  context: { chain: { id: number }; db: Context['db'] };
};

/**
 * Registers the handler of one event. A handler updates its entities and ends with `return record(e, …)`, so that no
 * event can leave the activity log out.
 */
export const on = <name extends AnyName>(name: name, handle: (e: Occurrence<name>) => Promise<Recorded>): void => {
  const [contractName, eventName] = name.split(':') as [string, string];
  const clean = cleaner(contractName, eventName);
  ponder.on(name, async (given) => {
    const { event, context } = given as unknown as Given;
    await handle({
      name,
      contractName,
      event: eventName,
      id: event.id,
      chainId: BigInt(context.chain.id),
      block: event.block.number,
      timestamp: event.block.timestamp,
      txHash: event.transaction.hash,
      logIndex: event.log.logIndex,
      contract: lower(event.log.address),
      sender: lower(event.transaction.from),
      args: clean(event.args ?? {}) as Event<name>['args'],
      db: withHotRows(context.db),
    });
  });
};

const lower = (address: string) => address.toLowerCase() as Hex;

const cleaner = (contractName: string, event: string) => {
  const inputs = eventInputs(contractName, event);
  return (args: Record<string, unknown>) => {
    const cleaned: Record<string, unknown> = {};
    for (const { name, type } of inputs) cleaned[name] = cleanValue(type, args[name]);
    return cleaned;
  };
};

const cleanValue = (type: string, value: unknown): unknown => {
  if (Array.isArray(value)) return value.map((item) => cleanValue(type, item));
  if (typeof value !== 'string') return value;
  if (type.startsWith('address')) return value.toLowerCase();
  return type.startsWith('string') ? value.replaceAll('\0', '') : value;
};
