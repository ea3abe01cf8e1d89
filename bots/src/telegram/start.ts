import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Lanes, startLanes } from '../updates/lanes.ts';
import type { Update, Updates } from '../updates/updates.ts';
import type { TelegramClient } from './client.ts';
import { laneOf, telegramUpdate } from './incoming.ts';

export type TelegramOptions = {
  readonly client: TelegramClient;
  readonly updates: Updates;
  /** Called at once for an update that is new: the person sees that it arrived, however long it takes. */
  readonly greet: (payload: unknown) => void;
  /** Called for an update of somebody who sends more than anybody reads; it is not acted on. */
  readonly shed: (payload: unknown) => Promise<void>;
  /** What an update does. */
  readonly act: (payload: unknown) => Promise<void>;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Updates come to a webhook that has this secret; without it they are fetched. */
  readonly webhookSecret?: string | undefined;
};

export type TelegramService = {
  /** Takes what Telegram posts; answers only once it is kept. */
  readonly webhook: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly stop: () => Promise<void>;
};

const mostBodyBytes = 1_000_000;

/** Receives updates, and acts on each once. */
export const startTelegramService = ({
  client,
  updates,
  greet,
  shed,
  act,
  log,
  webhookSecret,
}: TelegramOptions): TelegramService => {
  const trouble = (error: unknown) => log.warn({ err: error }, 'an update of Telegram could not be acted on');
  const lanes: Lanes = startLanes({
    updates,
    act: ({ payload }: Update) => act(payload),
    laneOf: ({ id, payload }: Update) => {
      const parsed = telegramUpdate.safeParse(payload);
      return parsed.success ? laneOf(parsed.data) : id;
    },
    onShed: ({ payload }: Update) => shed(payload),
    onTrouble: trouble,
  });
  const receive = async (payload: unknown): Promise<number | undefined> => {
    const id = (payload as { update_id?: unknown } | null)?.update_id;
    if (typeof id !== 'number' || !Number.isSafeInteger(id)) return undefined;
    if (await updates.receive(`${id}`, payload)) greet(payload);
    lanes.wake();
    return id;
  };

  const stopping = new AbortController();
  const poll = async (): Promise<void> => {
    let offset = 0;
    let failures = 0;
    while (!stopping.signal.aborted) {
      try {
        for (const payload of await client.updates(offset, stopping.signal)) {
          const id = await receive(payload);
          // Telegram forgets it when the next ones are asked for: by then it is kept here.
          if (id !== undefined) offset = Math.max(offset, id + 1);
        }
        failures = 0;
      } catch (error) {
        if (stopping.signal.aborted) return;
        if (failures++ === 0) log.warn({ why: String(error) }, 'Telegram gives no updates now; it is asked again');
        await sleep(Math.min(30_000, 500 * 2 ** failures), undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  };
  const polling = webhookSecret === undefined ? poll() : undefined;

  return {
    webhook: async (request, response) => {
      const given = request.headers['x-telegram-bot-api-secret-token'];
      const end = (status: number) => void response.writeHead(status).end();
      // Closed unless both are there and equal.
      if (webhookSecret === undefined || typeof given !== 'string' || !isEqual(given, webhookSecret)) return end(401);
      if (Number(request.headers['content-length'] ?? mostBodyBytes + 1) > mostBodyBytes) return end(413);
      let payload: unknown;
      try {
        payload = JSON.parse((await buffer(request)).toString());
      } catch {
        return end(400);
      }
      end((await receive(payload)) === undefined ? 400 : 200);
    },
    stop: async () => {
      stopping.abort();
      await polling;
      await lanes.stop();
    },
  };
};

const isEqual = (left: string, right: string): boolean => {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
};
