import { createHash } from 'node:crypto';
import type { Told } from '../live/stream.ts';
import type { FilterInput } from '../schema/filters.ts';
import { isoTime } from '../time.ts';

/** What is sent: in the shape that Standard Webhooks recommends. */
export type Payload = {
  readonly type: string;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
};

/** Integers are decimal strings, as everywhere in JSON here. */
export function payloadOf(message: Told): Payload {
  const { cursor } = message;
  const finalBlock = message.finalBlock?.toString() ?? null;
  if (message.kind === 'UNDONE') {
    const { afterEventId } = message;
    const undone = { chainId: message.chainId.toString(), afterEventId };
    return { type: 'Undone', timestamp: new Date().toISOString(), data: { cursor, finalBlock, undone } };
  }
  const { id, chainId, block, timestamp, txHash, actor, ...rest } = message.event;
  const event = {
    eventId: id,
    chainId: chainId.toString(),
    block: block.toString(),
    timestamp: isoTime(timestamp),
    transaction: txHash,
    actorAddress: actor,
    ...integersAsText(rest),
  };
  return {
    type: message.event.event,
    timestamp: event.timestamp,
    data: { cursor, final: message.final, finalBlock, event },
  };
}

function integersAsText(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? value.toString() : value]),
  );
}

/** The same for every attempt at one message: `webhook-id`. */
export function messageId(dedupeKey: string): string {
  return `msg_${createHash('sha256').update(dedupeKey).digest('base64url').slice(0, 27)}`;
}

/** A filter as JSON keeps it: bigints marked as such. */
export function filterToJson(filter: FilterInput): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(filter, (_key, value) => (typeof value === 'bigint' ? { bigint: value.toString() } : value)),
  );
}

export function filterFromJson(json: Readonly<Record<string, unknown>>): FilterInput {
  return JSON.parse(JSON.stringify(json), (_key, value) =>
    typeof value?.bigint === 'string' ? BigInt(value.bigint) : value,
  );
}

/** As its owner wrote it. */
export function shownFilter(json: Readonly<Record<string, unknown>>): unknown {
  return JSON.parse(JSON.stringify(json), (_key, value) => (typeof value?.bigint === 'string' ? value.bigint : value));
}
