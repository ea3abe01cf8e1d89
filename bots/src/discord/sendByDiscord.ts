import { DiscordAPIError, RateLimitError } from 'discord.js';
import { z } from 'zod';
import { alertText } from '../outbox/alertText.ts';
import { NotSentError, type OutboxMessage, UnwantedError } from '../outbox/outbox.ts';
import { renderPlain } from './render.ts';
import { BlockedError, type DiscordRest } from './rest.ts';

const payload = z.object({ alone: z.boolean().optional() });

/** Sends what nobody asked for just now: alerts, to a person alone or into a channel. */
export const sendByDiscord =
  (rest: DiscordRest) =>
  async (message: OutboxMessage): Promise<string> => {
    const body = renderPlain({ blocks: [{ kind: 'text', spans: [alertText(message)] }] });
    try {
      const isAlone = payload.parse(message.payload).alone === true;
      const channel = isAlone ? await rest.openAlone(message.recipient) : message.recipient;
      return await rest.send(channel, body);
    } catch (error) {
      if (error instanceof BlockedError) throw new UnwantedError(error.message);
      // An answer of Discord's own says that it was not taken; silence says nothing.
      if (error instanceof DiscordAPIError || error instanceof RateLimitError) throw new NotSentError(error.message);
      throw error;
    }
  };
