import { activity } from '@openledger/db/chain';
import { and, asc, eq, gt, lte, or, type SQL } from 'drizzle-orm';
import { addSums, type Event, finalPosition, fingerprintOf, reaches, sumBetween } from './chain-window.ts';
import { decodeCursor, encodeCursor, type Position, START } from './cursor.ts';
import { type Feed, startHere } from './feed.ts';
import { eventMessage, type FeedMessage, type Finality, inOrder } from './messages.ts';
import { createQueue } from './subscriber.ts';

export type StreamOptions = {
  readonly feed: Feed;
  readonly finality: Finality;
  /** Null for what happens from now on. */
  readonly after: string | null;
  /** Which events; the same for the database as SQL. */
  readonly passes: (event: Event) => boolean;
  readonly where: SQL | undefined;
  readonly signal: AbortSignal;
  readonly onOverflow: () => void;
};

export type Told = FeedMessage & { readonly cursor: string };

/** Events that one look at the database replays. */
const PAGE = 500;
/** Events that a filter is put to at once. */
const STRETCH = 20_000;
/** What a cursor may have been told that was not final: more than that is told again rather than summed up. */
const MAX_UNFINAL = 10_000;

/** All events since a cursor, in each chain's order, none left out and none twice, and then those that come. */
export async function* streamEvents(options: StreamOptions): AsyncGenerator<Told, void> {
  const { feed, finality, after, passes, signal, onOverflow } = options;
  const positions = after === null ? startHere(feed, finality) : decodeCursor(feed.genesisHash, after, 'after');
  const told = (message: FeedMessage): Told => {
    positions.set(message.chainId, message.position);
    return { ...message, cursor: encodeCursor(feed.genesisHash, positions) };
  };

  // What is final is read from the database; what is not, from the windows, which say themselves what is taken back.
  for (;;) {
    const revision = feed.revision();
    for (const undone of await takenBack(options, positions)) yield told(undone);
    for await (const message of replay(options, positions)) yield told(message);
    if (feed.revision() === revision) break;
  }

  const queue = createQueue<FeedMessage>(onOverflow);
  const backlog = finality === 'FINAL' ? [] : unfinalAfter(feed, positions);
  const detach = feed.attach(finality, queue);
  signal.addEventListener('abort', () => queue.end());
  try {
    for (const message of backlog) if (isNext(message, positions) && wanted(message, passes)) yield told(message);
    for await (const message of queue.read()) {
      if (isNext(message, positions) && wanted(message, passes)) yield told(message);
    }
  } finally {
    detach();
    queue.end();
  }
}

/** Whether it is news to somebody who stands there. */
function isNext(message: FeedMessage, positions: ReadonlyMap<bigint, Position>): boolean {
  const at = positions.get(message.chainId)?.at ?? START;
  return message.kind === 'UNDONE' ? at > message.afterEventId : message.event.id > at;
}

function wanted(message: FeedMessage, passes: (event: Event) => boolean): boolean {
  return message.kind === 'UNDONE' || passes(message.event);
}

function unfinalAfter(feed: Feed, positions: ReadonlyMap<bigint, Position>): FeedMessage[] {
  return [...feed.windows().values()]
    .flatMap((window) => window.entries.map((entry) => eventMessage(window, entry)))
    .filter((message) => isNext(message, positions))
    .sort(inOrder);
}

/** What the holder of these positions was told and what is not there any more. */
async function takenBack(
  { feed, finality, signal }: StreamOptions,
  positions: Map<bigint, Position>,
): Promise<FeedMessage[]> {
  const undone: FeedMessage[] = [];
  for (const chainId of [...feed.windows().keys()]) {
    const position = positions.get(chainId);
    if (position === undefined || position.base >= position.at) continue;
    while (!reaches(feed.windows().get(chainId)!, position.at)) await changed(feed, signal);
    const window = feed.windows().get(chainId)!;
    const finalPart = position.at < window.finalId ? position.at : window.finalId;
    const inTables = await sumOfFinal(feed, chainId, position.base, finalPart);
    const now =
      inTables === null ? null : addSums(inTables, sumBetween(window, maxOf(position.base, finalPart), position.at));
    if (now === position.sum) {
      // Seen to be right: what is final of it need not be looked at again.
      if (position.at <= window.finalId) positions.set(chainId, finalPosition(position.at));
      else if (finality === 'FINAL') positions.set(chainId, finalPosition(maxOf(position.base, window.finalId)));
      continue;
    }
    const { base } = position;
    undone.push({
      kind: 'UNDONE',
      chainId,
      afterEventId: base,
      position: finalPosition(base),
      finalBlock: window.finalBlock,
    });
  }
  return undone;
}

/** Of the fingerprints of a chain's events after one id up to another; null when they are too many to tell. */
async function sumOfFinal(feed: Feed, chainId: bigint, after: string, upTo: string): Promise<bigint | null> {
  if (upTo <= after) return 0n;
  const events = await feed
    .db()
    .select()
    .from(activity)
    .where(and(eq(activity.chainId, chainId), gt(activity.id, after), lte(activity.id, upTo)))
    .limit(MAX_UNFINAL + 1);
  if (events.length > MAX_UNFINAL) return null;
  return events.reduce((sum, event) => addSums(sum, fingerprintOf(event)), 0n);
}

/** The final events after the positions, page by page; then the positions stand at the final side of the windows at least. */
async function* replay(
  { feed, where }: StreamOptions,
  positions: Map<bigint, Position>,
): AsyncGenerator<FeedMessage, void> {
  for (;;) {
    const behind = [...feed.windows().values()].flatMap(({ chainId, finalId, finalBlock }) => {
      const at = positions.get(chainId)?.at ?? START;
      return at < finalId ? [{ chainId, at, finalId, finalBlock }] : [];
    });
    if (behind.length === 0) return;
    const least = behind.reduce((id, { at }) => (at < id ? at : id), behind[0]!.at);
    const ranges = behind.map(({ chainId, at, finalId }) =>
      and(eq(activity.chainId, chainId), gt(activity.id, at), lte(activity.id, finalId)),
    );
    // A filter that few events pass is put to so many events at a time, so that each look is a short one.
    const bound = where === undefined ? null : await idAfter(feed, least, STRETCH);
    const page = await feed
      .db()
      .select()
      .from(activity)
      // The first conditions are what the index is read by.
      .where(and(gt(activity.id, least), bound === null ? undefined : lte(activity.id, bound), or(...ranges), where))
      .orderBy(asc(activity.id))
      .limit(PAGE);
    for (const event of page) {
      const { chainId } = event;
      const { finalBlock } = behind.find((chain) => chain.chainId === chainId)!;
      yield { kind: 'EVENT', chainId, event, final: true, finalBlock, position: finalPosition(event.id) };
    }
    // Whatever lies before the page's last event, or in the whole stretch, has been told, of every chain.
    const seen = page.length === PAGE ? page.at(-1)!.id : bound;
    for (const { chainId, at, finalId } of behind) {
      const reached = seen === null || seen > finalId ? finalId : seen;
      if (reached > at) positions.set(chainId, finalPosition(reached));
    }
  }
}

/** The id of the event that so many others precede after `id`; null where there are fewer. */
async function idAfter(feed: Feed, id: string, count: number): Promise<string | null> {
  const [event] = await feed
    .db()
    .select({ id: activity.id })
    .from(activity)
    .where(gt(activity.id, id))
    .orderBy(asc(activity.id))
    .offset(count - 1)
    .limit(1);
  return event?.id ?? null;
}

async function changed(feed: Feed, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const done = feed.onChange((error) => (error ? reject(error) : resolve()));
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort);
  await promise.finally(() => {
    done();
    signal.removeEventListener('abort', abort);
  });
}

const maxOf = (a: string, b: string) => (a > b ? a : b);
