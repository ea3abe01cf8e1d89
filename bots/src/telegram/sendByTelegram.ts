import { TelegramError } from 'telegraf';
import { alertText } from '../outbox/alertText.ts';
import { NotSentError, type OutboxMessage, UnwantedError } from '../outbox/outbox.ts';
import { BlockedError, type TelegramClient } from './client.ts';
import { render } from './render.ts';

/** Sends what nobody asked for just now: alerts. */
export const sendByTelegram =
  (client: TelegramClient) =>
  async (message: OutboxMessage): Promise<string> => {
    const [part] = render({ blocks: [{ kind: 'text', spans: [alertText(message)] }], isPrivate: true });
    try {
      const { messageId } = await client.send(Number(message.recipient), part!);
      return `${messageId}`;
    } catch (error) {
      if (error instanceof BlockedError) throw new UnwantedError(error.message);
      // An answer of Telegram's own says that it was not taken; silence says nothing.
      if (error instanceof TelegramError) {
        const isGone = error.code === 400 && /chat not found|user is deactivated/i.test(error.description);
        throw isGone ? new UnwantedError(error.description) : new NotSentError(error.description);
      }
      throw error;
    }
  };
